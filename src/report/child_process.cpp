// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>

#include "report/child_process_internal.hpp"

extern char** environ;

namespace kinescape::report {
namespace {

constexpr std::size_t most_output = 64U << 20U;
constexpr std::size_t most_errors = 64U << 10U;

/// A file descriptor that closes itself.
class Descriptor {
 public:
  Descriptor() = default;
  ~Descriptor() { close(); }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  void close() {
    if (fd >= 0) ::close(fd);
    fd = -1;
  }
  int fd = -1;
};

struct Pipe {
  Descriptor ours, theirs;
};

/// A socket pair and not a pipe: send() can be told not to raise SIGPIPE in a process that is not
/// ours to configure, write() cannot.
bool open_pair(Pipe& pipe) {
  std::array<int, 2> fds{};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds.data()) != 0) return false;
  pipe.ours.fd = fds[0];
  pipe.theirs.fd = fds[1];
  return ::fcntl(pipe.ours.fd, F_SETFL, O_NONBLOCK) == 0;
}

int spawn(const std::vector<std::string>& arguments, Pipe& in, Pipe& out, Pipe& err, pid_t& pid) {
  std::vector<char*> argv;
  for (const std::string& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_adddup2(&actions, in.theirs.fd, STDIN_FILENO);
  ::posix_spawn_file_actions_adddup2(&actions, out.theirs.fd, STDOUT_FILENO);
  ::posix_spawn_file_actions_adddup2(&actions, err.theirs.fd, STDERR_FILENO);
  const int failure = ::posix_spawnp(&pid, argv[0], &actions, nullptr, argv.data(), environ);
  ::posix_spawn_file_actions_destroy(&actions);
  return failure;
}

/// Takes what there is; closes at the end of the stream.
void take(Descriptor& from, std::string& into, std::size_t most) {
  std::array<char, 65536> buffer{};
  const ssize_t n = ::read(from.fd, buffer.data(), buffer.size());
  if (n > 0) {
    into.append(buffer.data(),
                std::min(static_cast<std::size_t>(n), most - std::min(most, into.size())));
  } else if (n == 0 || (errno != EAGAIN && errno != EINTR)) {
    from.close();
  }
}

/// Hands over what fits; closes when all is sent or nobody reads any more.
void give(Descriptor& to, std::string_view& rest) {
  const ssize_t n = ::send(to.fd, rest.data(), rest.size(), MSG_NOSIGNAL);
  if (n > 0) rest.remove_prefix(static_cast<std::size_t>(n));
  if (rest.empty() || (n < 0 && errno != EAGAIN && errno != EINTR)) to.close();
}

/// Moves text both ways until the child closes its ends. False when `timeout_s` was not enough.
bool converse(
    Pipe& in, Pipe& out, Pipe& err, std::string_view input, double timeout_s, ChildResult& result) {
  using Clock = std::chrono::steady_clock;
  const auto deadline = Clock::now() + std::chrono::duration_cast<Clock::duration>(
                                           std::chrono::duration<double>(timeout_s));
  if (input.empty()) in.ours.close();
  while (out.ours.fd >= 0 || err.ours.fd >= 0) {
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now()).count();
    if (left <= 0) return false;
    std::array<pollfd, 3> watched{
        {{in.ours.fd, POLLOUT, 0}, {out.ours.fd, POLLIN, 0}, {err.ours.fd, POLLIN, 0}}};
    if (::poll(watched.data(), watched.size(), static_cast<int>(left)) < 0 && errno != EINTR)
      return false;
    if (watched[0].revents != 0) give(in.ours, input);
    if (watched[1].revents != 0) take(out.ours, result.output, most_output);
    if (watched[2].revents != 0) take(err.ours, result.errors, most_errors);
  }
  return true;
}

}  // namespace

ChildResult run_child(const std::vector<std::string>& arguments,
                      std::string_view input,
                      double timeout_s) {
  ChildResult result;
  Pipe in, out, err;
  pid_t pid = -1;
  if (!open_pair(in) || !open_pair(out) || !open_pair(err)) {
    result.errors = std::strerror(errno);
    return result;
  }
  if (const int failure = spawn(arguments, in, out, err, pid); failure != 0) {
    result.end = failure == ENOENT ? ChildEnd::not_found : ChildEnd::not_started;
    result.errors = std::strerror(failure);
    return result;
  }
  in.theirs.close();
  out.theirs.close();
  err.theirs.close();
  const bool done = converse(in, out, err, input, timeout_s, result);
  if (!done) ::kill(pid, SIGKILL);
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  result.end = !done               ? ChildEnd::timed_out
               : WIFEXITED(status) ? ChildEnd::exited
                                   : ChildEnd::killed;
  result.code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  return result;
}

}  // namespace kinescape::report
