// SPDX-License-Identifier: GPL-3.0-or-later
#include "fs/repair/line_writer.h"

#include <unordered_map>

#include "fs/repair/entry_pass.h"

namespace chainfs::fs::repair {
namespace {

class Paths {
 public:
  Paths(const Tree& tree, InodeTable& inodes) : tree_(tree), inodes_(inodes) {}

  // "/home/a.txt", or "inode 17".
  std::string Of(InodeNumber number) {
    std::string path;
    InodeNumber at = number;
    for (size_t depth = 0; at != kRootInode; ++depth) {
      const InodeFacts* facts = inodes_.Find(at);
      if (facts == nullptr || facts->names == 0 || depth > kDeepest) {
        return "inode " + std::to_string(number.value);
      }
      path.insert(0, "/" + NameOf(facts->named_in, at));
      at = facts->named_in;
    }
    return path.empty() ? "/" : path;
  }
  std::string Of(InodeNumber directory, const std::string& name) {
    const std::string path = Of(directory);
    return (path == "/" ? "" : path) + "/" + Printable(name);
  }

 private:
  static constexpr size_t kDeepest = 4096;

  // Whoever made the name may have wanted to play tricks on a terminal.
  static std::string Printable(const std::string& name) {
    std::string out;
    for (const char c : name) out += static_cast<unsigned char>(c) < ' ' || c == 0x7f ? '?' : c;
    return out;
  }

  const std::string& NameOf(InodeNumber directory, InodeNumber inode) {
    const auto [it, fresh] = names_.try_emplace(inode);
    if (fresh) {
      auto found = FindNameOf(tree_, directory, inode);
      it->second = found && *found ? Printable((*found)->first) : "?";
    }
    return it->second;
  }

  const Tree& tree_;
  InodeTable& inodes_;
  std::unordered_map<InodeNumber, std::string> names_;
};

}  // namespace

std::vector<std::string> WriteLines(const Journal& journal, const Tree& tree, InodeTable& inodes) {
  Paths paths(tree, inodes);
  std::vector<std::string> lines;
  for (const Note& note : journal.notes()) {
    if (!note.name.empty()) {
      lines.push_back(paths.Of(note.inode, note.name) + ": " + note.text);
    } else if (note.inode.value != 0) {
      lines.push_back(paths.Of(note.inode) + ": " + note.text);
    } else {
      lines.push_back(note.text);
    }
  }
  if (journal.unwritten() > 0) {
    lines.push_back("and " + std::to_string(journal.unwritten()) + " more of these");
  }
  return lines;
}

}  // namespace chainfs::fs::repair
