// SPDX-License-Identifier: GPL-3.0-or-later
// What fsck says to each way of tampering; tamper_fixture.h explains the columns. Everything in the
// vault can be written by whoever tampers, and nothing of it with a key: where a line is without a
// finding, the lines above it say why that is all there is to say.
#pragma once

namespace chainfs::tamper {

// older: what stood there before, or in the place before it. abandoned: what is there in the branch
// that was given up. splice: what another vault with the same passphrase has there.
// A record's lists and objects cannot be judged without it: INTEGRITY and COMPLETENESS are not
// checked then, and STRUCTURE not where it is the newest.
// Without findings: "age" means nothing and may be missing.
inline constexpr char kExpectedOfValues[] = R"(
objects root-node         flip               ooFooF osFou-  digest-mismatch + unreadable-tree
objects root-node         zero               ooFooF osFou-  digest-mismatch + unreadable-tree
objects root-node         truncate           ooFooF osFou-  digest-mismatch + unreadable-tree
objects root-node         empty              ooFooF osFou-  digest-mismatch + unreadable-tree
objects root-node         lengthen           ooFooF osFou-  digest-mismatch + unreadable-tree
objects root-node         delete             oooFoF osoFu-  missing-object + unreadable-tree
objects root-node         duplicate          oooFoo osoFu-  extra-object
objects root-node         swap               ooFooF osFou-  digest-mismatch 2 + unreadable-tree
objects root-node         older              ooFooF osFou-  digest-mismatch + unreadable-tree
objects root-node         splice             ooFooF osFou-  digest-mismatch + unreadable-tree
objects leaf-node         flip               ooFooF osFou-  digest-mismatch + unreadable-tree
objects leaf-node         zero               ooFooF osFou-  digest-mismatch + unreadable-tree
objects leaf-node         truncate           ooFooF osFou-  digest-mismatch + unreadable-tree
objects leaf-node         empty              ooFooF osFou-  digest-mismatch + unreadable-tree
objects leaf-node         lengthen           ooFooF osFou-  digest-mismatch + unreadable-tree
objects leaf-node         delete             oooFoF osoFu-  missing-object + unreadable-tree
objects leaf-node         duplicate          oooFoo osoFu-  extra-object
objects leaf-node         swap               ooFooF osFou-  digest-mismatch 2 + unreadable-tree
objects leaf-node         older              ooFooF osFou-  digest-mismatch + unreadable-tree
objects leaf-node         splice             ooFooF osFou-  digest-mismatch + unreadable-tree
objects piece             flip               ooFooF osFou-  digest-mismatch + unreadable-data
objects piece             zero               ooFooF osFou-  digest-mismatch + unreadable-data
objects piece             truncate           ooFooF osFou-  digest-mismatch + unreadable-data
objects piece             empty              ooFooF osFou-  digest-mismatch + unreadable-data
objects piece             lengthen           ooFooF osFou-  digest-mismatch + unreadable-data
objects piece             delete             oooFoF osoFu-  missing-object + unreadable-data
objects piece             duplicate          oooFoo osoFu-  extra-object
objects piece             swap               ooFooF osFou-  digest-mismatch 2 + unreadable-data
objects piece             older              ooFooF osFou-  digest-mismatch + unreadable-data
objects piece             splice             ooFooF osFou-  digest-mismatch + unreadable-data
objects piece-of-both     flip               ooFooF osFou-  digest-mismatch + unreadable-data
objects piece-of-both     zero               ooFooF osFou-  digest-mismatch + unreadable-data
objects piece-of-both     truncate           ooFooF osFou-  digest-mismatch + unreadable-data
objects piece-of-both     empty              ooFooF osFou-  digest-mismatch + unreadable-data
objects piece-of-both     lengthen           ooFooF osFou-  digest-mismatch + unreadable-data
objects piece-of-both     delete             oooFoF osoFu-  missing-object + unreadable-data
objects piece-of-both     duplicate          oooFoo osoFu-  extra-object
objects piece-of-both     swap               ooFooF osFou-  digest-mismatch 2 + unreadable-data
objects piece-of-both     older              ooFooF osFou-  digest-mismatch + unreadable-data
objects piece-of-both     abandoned          ooFooF osFou-  digest-mismatch + unreadable-data
objects piece-of-both     splice             ooFooF osFou-  digest-mismatch + unreadable-data
objects xattr             flip               ooFooF osFou-  digest-mismatch + unreadable-xattr
objects xattr             zero               ooFooF osFou-  digest-mismatch + unreadable-xattr
objects xattr             truncate           ooFooF osFou-  digest-mismatch + unreadable-xattr
objects xattr             empty              ooFooF osFou-  digest-mismatch + unreadable-xattr
objects xattr             lengthen           ooFooF osFou-  digest-mismatch + unreadable-xattr
objects xattr             delete             oooFoF osoFu-  missing-object + unreadable-xattr
objects xattr             duplicate          oooFoo osoFu-  extra-object
objects xattr             swap               ooFooF osFou-  digest-mismatch 2 + unreadable-xattr
objects xattr             older              ooFooF osFou-  digest-mismatch + unreadable-xattr
objects xattr             splice             ooFooF osFou-  digest-mismatch + unreadable-xattr
objects dead-node         flip               ooFooo osFou-  digest-mismatch
objects dead-node         zero               ooFooo osFou-  digest-mismatch
objects dead-node         truncate           ooFooo osFou-  digest-mismatch
objects dead-node         empty              ooFooo osFou-  digest-mismatch
objects dead-node         lengthen           ooFooo osFou-  digest-mismatch
objects dead-node         delete             oooFoo osoFu-  missing-object
objects dead-node         duplicate          oooFoo osoFu-  extra-object
objects dead-node         swap               ooFooo osFou-  digest-mismatch 2
objects dead-node         older              ooFooo osFou-  digest-mismatch
objects dead-node         splice             ooFooo osFou-  digest-mismatch
objects dead-piece        flip               ooFooo osFou-  digest-mismatch
objects dead-piece        zero               ooFooo osFou-  digest-mismatch
objects dead-piece        truncate           ooFooo osFou-  digest-mismatch
objects dead-piece        empty              ooFooo osFou-  digest-mismatch
objects dead-piece        lengthen           ooFooo osFou-  digest-mismatch
objects dead-piece        delete             oooFoo osoFu-  missing-object
objects dead-piece        duplicate          oooFoo osoFu-  extra-object
objects dead-piece        swap               ooFooo osFou-  digest-mismatch 2
objects dead-piece        older              ooFooo osFou-  digest-mismatch
objects dead-piece        splice             ooFooo osFou-  digest-mismatch
records GENESIS           flip               oF--oo oF--u-  bad-record
records GENESIS           zero               oF--oo oF--u-  bad-record
records GENESIS           truncate           oF--oo oF--u-  bad-record
records GENESIS           empty              oF--oo oF--u-  bad-record
records GENESIS           lengthen           oF--oo oF--u-  bad-record
records GENESIS           delete             oF--oo oF--u-  missing-record
records GENESIS           duplicate          oFF-o- oFF-u-  bad-lists, bad-record, head-coverage
records GENESIS           retype             oF--oo oF--u-  bad-record
records GENESIS           swap               oF--oo oF--u-  bad-record 2
records GENESIS           splice             oF--oo oF--u-  bad-record / bad-checkpoint
records COMMIT            flip               oF--oo oF--u-  bad-record
records COMMIT            zero               oF--oo oF--u-  bad-record
records COMMIT            truncate           oF--oo oF--u-  bad-record
records COMMIT            empty              oF--oo oF--u-  bad-record
records COMMIT            lengthen           oF--oo oF--u-  bad-record
records COMMIT            delete             oF--oo oF--u-  missing-record
records COMMIT            duplicate          oFF-o- oFF-u-  bad-lists, bad-record, head-coverage
records COMMIT            retype             oF--oo oF--u-  bad-record
records COMMIT            swap               oF--oo oF--u-  bad-record 2
records COMMIT            older              oF--oo oF--u-  bad-record
records COMMIT            splice             oF--oo oF--u-  bad-record
records ROLLBACK_ACCEPTED flip               oF--oo oF--u-  bad-record
records ROLLBACK_ACCEPTED zero               oF--oo oF--u-  bad-record
records ROLLBACK_ACCEPTED truncate           oF--oo oF--u-  bad-record
records ROLLBACK_ACCEPTED empty              oF--oo oF--u-  bad-record
records ROLLBACK_ACCEPTED lengthen           oF--oo oF--u-  bad-record
records ROLLBACK_ACCEPTED delete             oF--oo oF--u-  missing-record
records ROLLBACK_ACCEPTED duplicate          oFF-o- oFF-u-  bad-lists, bad-record, head-coverage
records ROLLBACK_ACCEPTED retype             oF--oo oF--u-  bad-record
records ROLLBACK_ACCEPTED swap               oF--oo oF--u-  bad-record 2
records ROLLBACK_ACCEPTED older              oF--oo oF--u-  bad-record
records ROLLBACK_ACCEPTED abandoned          oF--oo oF--u-  bad-record
records ROLLBACK_ACCEPTED splice             oF--oo oF--u-  bad-record
records REPAIR            flip               oF--oo oF--u-  bad-record
records REPAIR            zero               oF--oo oF--u-  bad-record
records REPAIR            truncate           oF--oo oF--u-  bad-record
records REPAIR            empty              oF--oo oF--u-  bad-record
records REPAIR            lengthen           oF--oo oF--u-  bad-record
records REPAIR            delete             oF--oo oF--u-  missing-record
records REPAIR            duplicate          oFF-o- oFF-u-  bad-lists, bad-record, head-coverage
records REPAIR            retype             oF--oo oF--u-  bad-record
records REPAIR            swap               oF--o- oF--u-  bad-record 3
records REPAIR            older              oF--oo oF--u-  bad-record
records REPAIR            abandoned          oF--oo oF--u-  bad-record
records REPAIR            splice             oF--oo oF--u-  bad-record
records late-COMMIT       flip               oF--oo oF--u-  bad-record
records late-COMMIT       zero               oF--oo oF--u-  bad-record
records late-COMMIT       truncate           oF--oo oF--u-  bad-record
records late-COMMIT       empty              oF--oo oF--u-  bad-record
records late-COMMIT       lengthen           oF--oo oF--u-  bad-record
records late-COMMIT       delete             oF--oo oF--u-  missing-record
records late-COMMIT       duplicate          oFF-o- oFF-u-  bad-lists, bad-record, head-coverage
records late-COMMIT       retype             oF--oo oF--u-  bad-record
records late-COMMIT       swap               oF--o- oF--u-  bad-record 3
records late-COMMIT       older              oF--oo oF--u-  bad-record
records late-COMMIT       abandoned          oF--oo oF--u-  bad-record
records late-COMMIT       splice             oF--oo oF--u-  bad-record
records CLEAN_UNMOUNT     flip               oF--o- oF--u-  bad-record
records CLEAN_UNMOUNT     zero               oF--o- oF--u-  bad-record
records CLEAN_UNMOUNT     truncate           oF--o- oF--u-  bad-record
records CLEAN_UNMOUNT     empty              oF--o- oF--u-  bad-record
records CLEAN_UNMOUNT     lengthen           oF--o- oF--u-  bad-record
records CLEAN_UNMOUNT     delete             oFFooo oFFou-  bad-lists, bad-meta, head-coverage
records CLEAN_UNMOUNT     duplicate          oFF-o- oFF-u-  bad-lists, bad-record, head-coverage
records CLEAN_UNMOUNT     retype             oF--o- oF--u-  bad-record
records CLEAN_UNMOUNT     swap               oF--o- oF--u-  bad-record 2
records CLEAN_UNMOUNT     older              oF--o- oF--u-  bad-record
records CLEAN_UNMOUNT     abandoned          oF--o- oF--u-  bad-record
records CLEAN_UNMOUNT     splice             oF--o- oF--u-  bad-record
lists   GENESIS           flip               ooF-oo osF-u-  bad-lists
lists   GENESIS           zero               ooF-oo osF-u-  bad-lists
lists   GENESIS           truncate           ooF-oo osF-u-  bad-lists
lists   GENESIS           empty              ooF-oo osF-u-  bad-lists
lists   GENESIS           lengthen           ooF-oo osF-u-  bad-lists
lists   GENESIS           delete             ooF-oo osF-u-  bad-lists
lists   GENESIS           duplicate          ooFooo osFou-  bad-lists
lists   COMMIT            flip               ooF-oo osF-u-  bad-lists
lists   COMMIT            zero               ooF-oo osF-u-  bad-lists
lists   COMMIT            truncate           ooF-oo osF-u-  bad-lists
lists   COMMIT            empty              ooF-oo osF-u-  bad-lists
lists   COMMIT            lengthen           ooF-oo osF-u-  bad-lists
lists   COMMIT            delete             ooF-oo osF-u-  bad-lists
lists   COMMIT            duplicate          ooFooo osFou-  bad-lists
lists   COMMIT            swap               ooF-oo osF-u-  bad-lists 2
lists   COMMIT            older              ooF-oo osF-u-  bad-lists
lists   COMMIT            splice             ooF-oo osF-u-  bad-lists
lists   ROLLBACK_ACCEPTED flip               ooF-oo osF-u-  bad-lists
lists   ROLLBACK_ACCEPTED zero               ooF-oo osF-u-  bad-lists
lists   ROLLBACK_ACCEPTED truncate           ooF-oo osF-u-  bad-lists
lists   ROLLBACK_ACCEPTED empty              ooF-oo osF-u-  bad-lists
lists   ROLLBACK_ACCEPTED lengthen           ooF-oo osF-u-  bad-lists
lists   ROLLBACK_ACCEPTED delete             ooF-oo osF-u-  bad-lists
lists   ROLLBACK_ACCEPTED duplicate          ooFooo osFou-  bad-lists
lists   ROLLBACK_ACCEPTED abandoned          ooF-oo osF-u-  bad-lists
lists   ROLLBACK_ACCEPTED splice             ooF-oo osF-u-  bad-lists
lists   REPAIR            flip               ooF-oo osF-u-  bad-lists
lists   REPAIR            zero               ooF-oo osF-u-  bad-lists
lists   REPAIR            truncate           ooF-oo osF-u-  bad-lists
lists   REPAIR            empty              ooF-oo osF-u-  bad-lists
lists   REPAIR            lengthen           ooF-oo osF-u-  bad-lists
lists   REPAIR            delete             ooF-oo osF-u-  bad-lists
lists   REPAIR            duplicate          ooFooo osFou-  bad-lists
lists   REPAIR            older              ooF-oo osF-u-  bad-lists
lists   REPAIR            splice             ooF-oo osF-u-  bad-lists
lists   late-COMMIT       flip               ooF-oo osF-u-  bad-lists
lists   late-COMMIT       zero               ooF-oo osF-u-  bad-lists
lists   late-COMMIT       truncate           ooF-oo osF-u-  bad-lists
lists   late-COMMIT       empty              ooF-oo osF-u-  bad-lists
lists   late-COMMIT       lengthen           ooF-oo osF-u-  bad-lists
lists   late-COMMIT       delete             ooF-oo osF-u-  bad-lists
lists   late-COMMIT       duplicate          ooFooo osFou-  bad-lists
lists   late-COMMIT       swap               ooF-oo osF-u-  bad-lists 2
lists   late-COMMIT       older              ooF-oo osF-u-  bad-lists
lists   late-COMMIT       splice             ooF-oo osF-u-  bad-lists
lists   CLEAN_UNMOUNT     flip               ooF-oo osF-u-  bad-lists
lists   CLEAN_UNMOUNT     zero               ooF-oo osF-u-  bad-lists
lists   CLEAN_UNMOUNT     truncate           ooF-oo osF-u-  bad-lists
lists   CLEAN_UNMOUNT     empty              ooF-oo osF-u-  bad-lists
lists   CLEAN_UNMOUNT     lengthen           ooF-oo osF-u-  bad-lists
lists   CLEAN_UNMOUNT     delete             ooF-oo osF-u-  bad-lists
lists   CLEAN_UNMOUNT     duplicate          ooFooo osFou-  bad-lists
lists   CLEAN_UNMOUNT     older              ooF-oo osF-u-  bad-lists
lists   CLEAN_UNMOUNT     splice             ooF-oo osF-u-  bad-lists
tiles   full-tile         flip               oFoooo oFoou-  bad-tile
tiles   full-tile         zero               oFoooo oFoou-  bad-tile
tiles   full-tile         truncate           oFoooo oFoou-  bad-tile
tiles   full-tile         empty              oFoooo oFoou-  bad-tile
tiles   full-tile         lengthen           oFoooo oFoou-  bad-tile
tiles   full-tile         delete             oFoooo oFoou-  bad-tile
tiles   full-tile         duplicate          oFoooo oFoou-  bad-tile
tiles   full-tile         swap               oFoooo oFoou-  bad-tile 2
tiles   full-tile         splice             oFoooo oFoou-  bad-tile
tiles   later-tile        flip               oFoooo oFoou-  bad-tile
tiles   later-tile        zero               oFoooo oFoou-  bad-tile
tiles   later-tile        truncate           oFoooo oFoou-  bad-tile
tiles   later-tile        empty              oFoooo oFoou-  bad-tile
tiles   later-tile        lengthen           oFoooo oFoou-  bad-tile
tiles   later-tile        delete             oFoooo oFoou-  bad-tile
tiles   later-tile        duplicate          oFoooo oFoou-  bad-tile
tiles   later-tile        swap               oFoooo oFoou-  bad-tile 2
tiles   later-tile        abandoned          oFoooo oFoou-  bad-tile
tiles   later-tile        splice             oFoooo oFoou-  bad-tile
meta    checkpoint        flip               oFoo-o oFoou-  bad-checkpoint
meta    checkpoint        zero               oFoo-o oFoou-  bad-checkpoint
meta    checkpoint        truncate           oFoo-o oFoou-  bad-checkpoint
meta    checkpoint        empty              oFoo-o oFoou-  bad-checkpoint
meta    checkpoint        lengthen           oFoo-o oFoou-  bad-checkpoint
meta    checkpoint        delete             oFoo-o oFoou-  bad-checkpoint
meta    checkpoint        duplicate          oFoooo oFoou-  bad-meta
meta    checkpoint        older              oFooFo oFoou-  head-coverage + rollback
meta    checkpoint        abandoned          oFooFo oFoou-  bad-branch, head-coverage + fork
meta    checkpoint        splice             oFoo-o oFoou-  bad-checkpoint
meta    graveyard         flip               oooFoo osoFu-  bad-meta
meta    graveyard         zero               oooFoo osoFu-  bad-meta
meta    graveyard         truncate           oFoooo oFoou-  bad-meta
meta    graveyard         empty              oFoooo oFoou-  bad-meta
meta    graveyard         lengthen           oFoooo oFoou-  bad-meta
meta    graveyard         delete             oooFoo osoFu-  bad-meta
meta    graveyard         duplicate          oFoooo oFoou-  bad-meta
meta    graveyard         older              oooFoo osoFu-  bad-meta
meta    graveyard         abandoned          oFoooo oFoou-  bad-meta
meta    graveyard         splice             oFoooo oFoou-  bad-meta
meta    branches          flip               oFoooo oFoou-  bad-branch
meta    branches          zero               oFoooo oFoou-  bad-branch
meta    branches          truncate           oFoooo oFoou-  bad-branch
meta    branches          empty              oFoooo oFoou-  bad-branch
meta    branches          lengthen           oFoooo oFoou-  bad-branch
meta    branches          delete             oFoooo oFoou-  bad-branch
meta    branches          duplicate          oFoooo oFoou-  bad-meta
meta    age               lengthen           oFoooo oFoou-  bad-meta
meta    age               delete             oooooo osoou-
meta    age               duplicate          oFoooo oFoou-  bad-meta
)";

// earlier, abandoned, other: which vault's table or file it is now.
// Without findings for the owner: no tile filled up since the earlier vault, so these are the same.
// Without findings for the stranger: a genuine vault of another time or of another owner is sound
// in itself; that it is not the newest, or not this one, only an anchor can tell.
inline constexpr char kExpectedOfTables[] = R"(
vault   -                 nothing            oooooo osoou-
table   objects           empty              oooFoF osoFu-  missing-object n + unreadable-tree
table   objects           earlier            oooFoF osoFu-  missing-object n + unreadable-tree
table   objects           abandoned          ooFFoF osFFu-  digest-mismatch n, extra-object n, missing-object n + unreadable-tree
table   objects           other              oooFoF osoFu-  extra-object n, missing-object n + unreadable-tree
table   records           empty              oF--o- oF--u-  missing-record + head-coverage / bad-tile 3
table   records           earlier            oFFFoo oFFFu-  bad-lists n, bad-meta, extra-object n, head-coverage
table   records           abandoned          oFFFoF oFFFu-  bad-branch 2, bad-lists n, bad-tile 2, head-coverage, missing-object n, root-mismatch + unreadable-tree
table   records           other              oFFFoF oFFFu-  bad-branch, bad-checkpoint, bad-header, bad-lists n, bad-tile 3, extra-object n + bad-branch, bad-checkpoint, head-coverage, root-mismatch, unreadable-tree
table   lists             empty              ooF-oo osF-u-  bad-lists n
table   lists             earlier            ooF-oo osF-u-  bad-lists n
table   lists             abandoned          ooFFoo osFFu-  bad-lists n, missing-object n
table   lists             other              ooF-oo osF-u-  bad-lists n
table   tiles             empty              oFoooo oFoou-  bad-tile 2
table   tiles             earlier            oooooo osoou-
table   tiles             abandoned          oFoooo oFoou-  bad-tile 2
table   tiles             other              oFoooo oFoou-  bad-tile 3
table   meta              empty              oFoF-o oFoFu-  bad-branch, bad-checkpoint, bad-meta
table   meta              earlier            oFoFFo oFoFu-  bad-meta, head-coverage + rollback
table   meta              abandoned          oFooFo oFoou-  bad-branch 2, bad-meta, head-coverage + fork
table   meta              other              oFoo-o oFoou-  bad-branch, bad-checkpoint, bad-meta
table   unknown           add                FFoooo FFoou-  bad-page, unknown-table
tables  all-but-objects   earlier            oooFFo osoFu-  extra-object n + rollback
vault   data.mdb          earlier            ooooFo osoou-  + rollback
vault   all-files         earlier            ooooFo osoou-  + rollback
tables  all-but-objects   abandoned          ooFFFF osFFu-  digest-mismatch n, extra-object n, missing-object n + fork, unreadable-tree
vault   data.mdb          abandoned          ooooFo osoou-  + fork
vault   all-files         abandoned          ooooFo osoou-  + fork
tables  all-but-objects   other              oFoF-F oFoFu-  bad-header, extra-object n, missing-object n + bad-checkpoint, unreadable-tree
vault   data.mdb          other              oFoo-F oFoou-  bad-header + bad-checkpoint, unreadable-tree
vault   all-files         other              ooooFo osoou-  + bad-anchor
)";

// One copy is mended from the other. All of the changes from flip-format on come with a checksum
// that fits. exit8: the owner is told that the passphrase is wrong or the header not genuine,
// anybody that it is no vault or needs a newer chainfs.
inline constexpr char kExpectedOfHeaders[] = R"(
header  first-copy        flip               oooooo osoou-  header-copy
header  both-copies       flip               oFooo- oFoou-  bad-header
header  first-copy        zero               oooooo osoou-  header-copy
header  both-copies       zero               exit8 exit8
header  first-copy        truncate           oooooo osoou-  header-copy
header  both-copies       truncate           oFooo- oFoou-  bad-header
header  first-copy        empty              oooooo osoou-  header-copy
header  both-copies       empty              oFooo- oFoou-  bad-header
header  first-copy        delete             oooooo osoou-  header-copy
header  both-copies       delete             exit8 exit8
header  first-copy        older              oooooo osoou-  header-copy
header  both-copies       older              oFoooo oFoou-  bad-header
header  first-copy        splice             oooooo osoou-  header-copy
header  both-copies       splice             oFoo-F oFoou-  bad-header + bad-checkpoint, unreadable-tree
header  first-copy        flip-format        oooooo osoou-  header-copy
header  both-copies       flip-format        exit8 oFoou-  / bad-header
header  first-copy        flip-reader        oooooo osoou-  header-copy
header  both-copies       flip-reader        exit8 exit8
header  first-copy        flip-suite         oooooo osoou-  header-copy
header  both-copies       flip-suite         exit8 exit8
header  first-copy        flip-features      oooooo osoou-  header-copy
header  both-copies       flip-features      exit8 exit8
header  first-copy        flip-volume-id     oooooo osoou-  header-copy
header  both-copies       flip-volume-id     exit8 oFoou-  / bad-header
header  first-copy        flip-genesis       oooooo osoou-  header-copy
header  both-copies       flip-genesis       exit8 oFoou-  / bad-header
header  first-copy        flip-previous      oooooo osoou-  header-copy
header  both-copies       flip-previous      exit8 oFoou-  / bad-header
header  first-copy        flip-seed          oooooo osoou-  header-copy
header  both-copies       flip-seed          exit8 oFoou-  / bad-header
header  first-copy        flip-mac           oooooo osoou-  header-copy
header  both-copies       flip-mac           exit8 oFoou-  / bad-header
header  first-copy        least-memory       oooooo osoou-  header-copy
header  both-copies       least-memory       exit8 oFoou-  / bad-header
header  first-copy        too-little-memory  oooooo osoou-  header-copy
header  both-copies       too-little-memory  oFooo- oFoou-  bad-header
header  first-copy        no-passes          oooooo osoou-  header-copy
header  both-copies       no-passes          oFooo- oFoou-  bad-header
header  first-copy        zero-slot          oooooo osoou-  header-copy
header  both-copies       zero-slot          exit8 exit8
header  first-copy        zero-sealed-key    oooooo osoou-  header-copy
header  both-copies       zero-sealed-key    exit8 oFoou-  / bad-header
header  first-copy        swap-slots         oooooo osoou-  header-copy
header  both-copies       swap-slots         exit8 oFoou-  / bad-header
header  first-copy        remove-slot        oooooo osoou-  header-copy
header  both-copies       remove-slot        exit8 oFoou-  / bad-header
header  first-copy        splice-slot        oooooo osoou-  header-copy
header  both-copies       splice-slot        exit8 oFoou-  / bad-header
)";

}  // namespace chainfs::tamper
