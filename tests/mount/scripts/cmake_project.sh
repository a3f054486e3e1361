# SPDX-License-Identifier: GPL-3.0-or-later
# A C++ project is configured, built, tested, changed and built again inside the mount.
mkdir project
cd project
cat > CMakeLists.txt <<'X'
cmake_minimum_required(VERSION 3.20)
project(p CXX)
enable_testing()
add_library(lib STATIC a.cc b.cc)
add_library(shared SHARED c.cc)
add_executable(t t.cc)
target_link_libraries(t lib shared)
add_test(NAME t COMMAND t)
X
cat > a.cc <<'X'
#include <string>
std::string a() { return "a"; }
X
echo 'int b() { return 2; }' > b.cc
echo 'int c() { return 3; }' > c.cc
cat > t.cc <<'X'
#include <iostream>
#include <string>
std::string a();
int b();
int c();
int main() {
  std::cout << a() << b() << c() << "\n";
  return a() == "a" && b() + c() == 5 ? 0 : 1;
}
X
cmake -S . -B build -DCMAKE_BUILD_TYPE=Debug
cmake --build build -j2
(cd build && ctest --output-on-failure)
test "$(./build/t)" = a23
sed -i 's/2/12/' b.cc
sed -i 's/5/15/' t.cc
cmake --build build
test "$(./build/t)" = a123
