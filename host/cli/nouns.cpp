#include "host/cli/nouns.hpp"

#include "host/cli/audit_commands.hpp"
#include "host/cli/daemon_commands.hpp"
#include "host/cli/device_commands.hpp"
#include "host/cli/evidence_commands.hpp"
#include "host/cli/hil_commands.hpp"
#include "host/cli/image_commands.hpp"
#include "host/cli/job_commands.hpp"
#include "host/cli/key_commands.hpp"
#include "host/cli/link_commands.hpp"
#include "host/cli/plan_commands.hpp"
#include "host/cli/rehearse_command.hpp"
#include "host/cli/release_commands.hpp"
#include "host/cli/release_store_commands.hpp"
#include "host/cli/rollout_commands.hpp"
#include "host/cli/trust_commands.hpp"
#include "host/cli/update_commands.hpp"

namespace lockstep::cli {

// In the order of the help: from a developer's desk to the field.
void add_all_nouns(Command app, Context& context) {
  add_key_commands(app, context);
  add_trust_commands(app.get_subcommand("key"), context);
  add_image_commands(app, context);
  add_release_commands(app, context);
  add_release_store_commands(app.get_subcommand("release"), context);
  add_plan_commands(app, context);
  add_rehearse_command(app, context);
  add_link_commands(app, context);
  add_device_commands(app, context);
  add_update_commands(app, context);
  add_job_commands(app, context);
  add_hil_commands(app, context);
  add_evidence_commands(app, context);
  add_rollout_commands(app, context);
  add_audit_commands(app, context);
  add_daemon_commands(app, context);
}

}  // namespace lockstep::cli
