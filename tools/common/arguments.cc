// SPDX-License-Identifier: GPL-3.0-or-later
#include "tools/common/arguments.h"

#include "tools/common/exit_code.h"

namespace chainfs::tools {

std::string VersionText() { return "chainfs " CHAINFS_VERSION; }

std::optional<int> ParseArguments(CLI::App& app, int argc, char** argv) {
  app.set_version_flag("-V,--version", VersionText());
  try {
    app.parse(argc, argv);
    return {};
  } catch (const CLI::Success& wanted) {  // --help, --version
    return app.exit(wanted);
  } catch (const CLI::ParseError& mistake) {
    app.exit(mistake);
    return static_cast<int>(ExitCode::kUsage);
  }
}

}  // namespace chainfs::tools
