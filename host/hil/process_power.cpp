#include "host/hil/process_power.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cerrno>
#include <csignal>
#include <cstring>

#include "host/base/files.hpp"
#include "host/base/text.hpp"

namespace lockstep::hil {
namespace {

// Between fork and exec only calls that are safe there. Reports errno through `report` when exec fails.
[[noreturn]] void become(char* const* argv, int log, int report, pid_t parent) {
  ::setpgid(0, 0);
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(127);
  const int null = ::open("/dev/null", O_RDONLY);
  ::dup2(null, 0);
  ::dup2(log, 1);
  ::dup2(log, 2);
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  ::execvp(argv[0], argv);
  const int error = errno;
  (void)!::write(report, &error, sizeof error);
  ::_exit(127);
}

std::string how_it_ended(const siginfo_t& info) {
  if (info.si_code == CLD_EXITED) return fmt::format("exited with status {}", info.si_status);
  return fmt::format("was killed by signal {}", info.si_status);
}

}  // namespace

ProcessPower::ProcessPower(asio::any_io_executor executor, std::vector<std::string> command, std::string log_file)
    : command_(std::move(command)), log_file_(std::move(log_file)), exited_(executor) {}

ProcessPower::~ProcessPower() {
  if (pid_ <= 0) return;
  kill_group();
  reap();
}

asio::awaitable<Outcome<void>> ProcessPower::on() {
  if (pid_ > 0) {
    if (!trouble()) co_return fail(ErrorKind::conflict, "the power is on already");
    reap();
  }
  co_return start();
}

Outcome<void> ProcessPower::start() {
  std::vector<char*> argv;
  for (std::string& word : command_) argv.push_back(word.data());
  argv.push_back(nullptr);
  int report[2];
  if (::pipe2(report, O_CLOEXEC) != 0) return fail(ErrorKind::io, fmt::format("pipe: {}", std::strerror(errno)));
  const int log = ::open(log_file_.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  const pid_t parent = ::getpid();
  const pid_t pid = log < 0 ? -1 : ::fork();
  if (pid == 0) become(argv.data(), log, report[1], parent);
  const int start_error = errno;
  if (log >= 0) ::close(log);
  ::close(report[1]);
  int exec_error = 0;
  // Returns at once when exec succeeded: the pipe closes with it.
  const bool exec_failed = pid > 0 && ::read(report[0], &exec_error, sizeof exec_error) == sizeof exec_error;
  ::close(report[0]);
  if (pid < 0) return fail(ErrorKind::io, fmt::format("cannot start {}: {}", command_[0], std::strerror(start_error)));
  pid_ = pid;
  if (exec_failed) {
    reap();
    return fail(ErrorKind::io, fmt::format("cannot run {}: {}", command_[0], std::strerror(exec_error)));
  }
  const int pidfd = static_cast<int>(::syscall(SYS_pidfd_open, pid, 0));
  if (pidfd < 0) {
    const int error = errno;
    kill_group();
    reap();
    return fail(ErrorKind::io, fmt::format("cannot watch {}: {}", command_[0], std::strerror(error)));
  }
  exited_.assign(pidfd);
  return {};
}

asio::awaitable<Outcome<void>> ProcessPower::off() {
  if (pid_ <= 0) co_return Outcome<void>();
  kill_group();
  // The pidfd tells it without blocking the loop.
  if (exited_.is_open()) {
    co_await exited_.async_wait(asio::posix::stream_descriptor::wait_read, asio::as_tuple(asio::use_awaitable));
  }
  reap();
  co_return Outcome<void>();
}

std::optional<Error> ProcessPower::trouble() const {
  if (pid_ <= 0) return std::nullopt;
  siginfo_t info{};
  const int got = ::waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOHANG | WNOWAIT);
  if (got == 0 && info.si_pid == 0) return std::nullopt;
  const std::string words = last_words();
  return Error{.kind = ErrorKind::unreachable,
               .what = fmt::format("{} {}{}{}", command_[0], how_it_ended(info), words.empty() ? "" : ": ", words)};
}

void ProcessPower::kill_group() const {
  // The group as well as the process: it may not have made its group yet.
  ::kill(-pid_, SIGKILL);
  ::kill(pid_, SIGKILL);
}

void ProcessPower::reap() {
  siginfo_t info{};
  ::waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED);
  pid_ = 0;
  boost::system::error_code ignored;
  exited_.close(ignored);
}

// The last line that the process printed: usually why it ended.
std::string ProcessPower::last_words() const {
  const auto text = read_text_file(log_file_);
  if (!text) return {};
  const std::string_view all = trim(*text);
  const std::size_t begin = all.rfind('\n');
  return printable(all.substr(begin == std::string_view::npos ? 0 : begin + 1).substr(0, 300));
}

}  // namespace lockstep::hil
