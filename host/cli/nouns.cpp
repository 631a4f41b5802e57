#include "host/cli/nouns.hpp"

#include "host/cli/image_commands.hpp"
#include "host/cli/key_commands.hpp"

namespace lockstep::cli {

// In the order of the help: from a developer's desk to the field.
void add_all_nouns(CLI::App& app, Context& context) {
  add_key_commands(app, context);
  add_image_commands(app, context);
}

}  // namespace lockstep::cli
