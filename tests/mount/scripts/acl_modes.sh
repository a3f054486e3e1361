# SPDX-License-Identifier: GPL-3.0-or-later
# acl/f was made under a default ACL.
getfacl -cpn acl/f > acls
grep -q 'user:77:rw-' acls
grep -q 'mask::rw-' acls
chmod 600 acl/f
getfacl -cpn acl/f | grep -q 'mask::---'
