// SPDX-License-Identifier: GPL-3.0-or-later
#include "ledger/note_text.h"

#include <gtest/gtest.h>

#include <string>

namespace chainfs::ledger {
namespace {

TEST(NoteTextTest, TakesUtf8OfEveryLength) {
  EXPECT_TRUE(IsNoteText(""));
  EXPECT_TRUE(IsNoteText("plain\n\ntext ~\x7f"));
  EXPECT_TRUE(IsNoteText("\xc2\x80 \xdf\xbf \xe0\xa0\x80 \xef\xbf\xbf \xf0\x90\x80\x80"));
  EXPECT_TRUE(IsNoteText("\xed\x9f\xbf \xee\x80\x80 \xf4\x8f\xbf\xbf")) << "around the surrogates";
}

TEST(NoteTextTest, RefusesWhatIsNotUtf8) {
  for (const char* bytes : {"\x80",
                            "\xbf",
                            "\xc2",
                            "\xc2\x41",
                            "\xc0\x80",
                            "\xc1\xbf",
                            "\xe0\x80\x80",
                            "\xe0\x9f\xbf",
                            "\xe2\x80",
                            "\xe2\x80\x41",
                            "\xed\xa0\x80",
                            "\xed\xbf\xbf",
                            "\xf0\x80\x80\x80",
                            "\xf0\x8f\xbf\xbf",
                            "\xf0\x90\x80",
                            "\xf4\x90\x80\x80",
                            "\xf5\x80\x80\x80",
                            "\xf8\x88\x80\x80\x80",
                            "\xfe",
                            "\xff"}) {
    EXPECT_FALSE(IsNoteText(bytes));
    EXPECT_FALSE(IsNoteText("before" + std::string(bytes) + "after"));
    EXPECT_FALSE(IsKeyName(bytes));
  }
}

TEST(NoteTextTest, RefusesControlCharactersButNewline) {
  for (int c = 0; c < 0x20; ++c) {
    const std::string text = "a" + std::string(1, static_cast<char>(c)) + "b";
    EXPECT_EQ(IsNoteText(text), c == '\n') << c;
    EXPECT_FALSE(IsKeyName(text)) << c;
  }
}

TEST(NoteTextTest, KeyNamesHaveNoSpacesOfAnyKindAndNoPlus) {
  EXPECT_TRUE(IsKeyName("example.com/foo"));
  EXPECT_TRUE(IsKeyName("\xc3\xa9t\xc3\xa9"));
  EXPECT_TRUE(IsKeyName("\xe2\x80\x94")) << "an em dash is no space";
  EXPECT_TRUE(IsKeyName("\xe2\x80\x8b")) << "and neither is U+200B";
  EXPECT_FALSE(IsKeyName(""));
  for (const char* bad :
       {" ", "+", "\xc2\x85", "\xc2\xa0", "\xe1\x9a\x80", "\xe2\x80\x80", "\xe2\x80\x8a",
        "\xe2\x80\xa8", "\xe2\x80\xa9", "\xe2\x80\xaf", "\xe2\x81\x9f", "\xe3\x80\x80"}) {
    EXPECT_FALSE(IsKeyName(bad));
    EXPECT_FALSE(IsKeyName("a" + std::string(bad) + "b")) << bad;
  }
}

}  // namespace
}  // namespace chainfs::ledger
