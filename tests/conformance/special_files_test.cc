// SPDX-License-Identifier: GPL-3.0-or-later
// Devices, pipes and sockets.
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <unistd.h>

#include "tests/conformance/conformance.h"

namespace chainfs::conformance {
namespace {

class SpecialFilesTest : public ConformanceTest {};

TEST_P(SpecialFilesTest, DevicesKeepTheirNumbers) {
  EXPECT_EQ(mknod("c", S_IFCHR | 0640, makedev(300, 70000)), 0);
  EXPECT_EQ(mknod("b", S_IFBLK | 0640, makedev(4095, 1048575)), 0);
  Remount();
  EXPECT_TRUE(S_ISCHR(Status("c").st_mode));
  EXPECT_TRUE(S_ISBLK(Status("b").st_mode));
  EXPECT_EQ(Status("c").st_rdev, makedev(300, 70000));
  EXPECT_EQ(Status("b").st_rdev, makedev(4095, 1048575));
}

TEST_P(SpecialFilesTest, ADeviceIsTheDevice) {
  EXPECT_EQ(mknod("null", S_IFCHR | 0666, makedev(1, 3)), 0);
  const Descriptor null = Open("null", O_RDWR);
  EXPECT_EQ(write(null.get(), "gone", 4), 4);
  EXPECT_EQ(ReadAt(null, 4, 0), "");
}

TEST_P(SpecialFilesTest, APipeIsAPipe) {
  EXPECT_EQ(mkfifo("p", 0644), 0);
  EXPECT_EQ(Opening("p", O_WRONLY | O_NONBLOCK), "ENXIO");
  const Descriptor reader = Open("p", O_RDONLY | O_NONBLOCK), writer = Open("p", O_WRONLY);
  EXPECT_EQ(write(writer.get(), "through", 7), 7);
  char buffer[8] = {};
  EXPECT_EQ(read(reader.get(), buffer, sizeof buffer), 7);
  EXPECT_STREQ(buffer, "through");
  EXPECT_EQ(Status("p").st_size, 0);
}

TEST_P(SpecialFilesTest, ASocketIsFoundByItsName) {
  const Descriptor server(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const Descriptor client(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  snprintf(address.sun_path, sizeof address.sun_path, "s");
  const auto* const name = reinterpret_cast<const sockaddr*>(&address);
  ASSERT_EQ(bind(server.get(), name, sizeof address), 0) << strerror(errno);
  ASSERT_EQ(listen(server.get(), 1), 0);
  EXPECT_TRUE(S_ISSOCK(Status("s").st_mode));
  EXPECT_EQ(Result(connect(client.get(), name, sizeof address)), "OK");
  EXPECT_EQ(Opening("s", O_RDWR), "ENXIO");
  EXPECT_EQ(Result(bind(client.get(), name, sizeof address)), "EADDRINUSE");
}

TEST_P(SpecialFilesTest, MknodMakesPlainFilesToo) {
  EXPECT_EQ(mknod("f", S_IFREG | 0644, 0), 0);
  EXPECT_TRUE(S_ISREG(Status("f").st_mode));
  EXPECT_EQ(Result(mknod("f", S_IFREG | 0644, 0)), "EEXIST");
  EXPECT_EQ(Result(mknod("d", S_IFDIR | 0755, 0)), "EPERM");
}

TEST_P(SpecialFilesTest, TheyAreNotCutOff) {
  EXPECT_EQ(mkfifo("p", 0644), 0);
  EXPECT_EQ(Result(truncate("p", 0)), "EINVAL");
}

TEST_P(SpecialFilesTest, TheirModesAndOwnersChange) {
  EXPECT_EQ(mkfifo("p", 0644), 0);
  EXPECT_EQ(chmod("p", 0600), 0);
  EXPECT_EQ(chown("p", kUser, kOther), 0);
  EXPECT_EQ(Mode("p"), 0600u);
  EXPECT_EQ(Status("p").st_uid, kUser);
}

CHAINFS_CONFORMS(SpecialFilesTest);

}  // namespace
}  // namespace chainfs::conformance
