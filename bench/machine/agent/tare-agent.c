/*
 * Runs programs in a counted machine's guest, without any daemon in the way. It serves one virtio serial port
 * (argument 1: its path, or the number of an open file), started by the guest's init; it sleeps in read() while nothing
 * is asked, so that it costs nothing.
 *
 * A request is a line `ID VERB LENGTH` and LENGTH bytes: words, each ended by a zero byte. An answer is a line
 * `ID ok LENGTH` or `ID no LENGTH` and so many bytes; `no` carries a sentence. One request at a time.
 *
 *   read PATH                          the file's content
 *   exec MS PID ARGV…                  runs a program to its end, at most MS milliseconds, in the namespaces and the
 *                                      control group of process PID (0: the agent's own). Answers
 *                                      `EXIT OUT ERR` and a line break, OUT bytes of its output, ERR of its errors;
 *                                      EXIT is its exit code, 128 and the signal, or -1 where the time was up
 *   start PID ARGV…                    puts a program there into the background; answers its number
 *   hold NAME…                         stops all processes of these names (as in /proc/PID/comm); answers how many
 *   release NAME…                      continues them
 *   windows MS SETTLE GO DONE LINE…    measures windows, see below
 *
 * Windows. Whoever is to be measured waits in a container at the named pipe GO and tells its end by a line at DONE (both
 * seen from here, such as /proc/PID/root/tmp/go). For each LINE: sleep SETTLE milliseconds, mark, send the line,
 * wait for the answer, mark. A mark is an instruction that the emulator's plugin watches for (tare-count.c); it does
 * nothing by itself. Answers one line a window: nanoseconds of the guest's clock from mark to mark, and what was said.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { most_request = 1 << 20, most_answer = 32 << 20, most_words = 4096 };

struct bytes {
  char *data;
  size_t length, room;
};

static int port;
static struct bytes answer;

static void append(struct bytes *to, const char *data, size_t length) {
  if (to->length + length > to->room) {
    to->room = (to->length + length) * 2;
    to->data = realloc(to->data, to->room);
    if (!to->data) _exit(3);
  }
  memcpy(to->data + to->length, data, length);
  to->length += length;
}

static void say(const char *format, ...) {
  char text[1024];
  va_list values;
  va_start(values, format);
  const int length = vsnprintf(text, sizeof text, format, values);
  va_end(values);
  append(&answer, text, length < (int)sizeof text ? (size_t)length : sizeof text - 1);
}

static int refuse(const char *what, const char *on) {
  answer.length = 0;
  say("%s %s: %s", what, on, strerror(errno));
  return -1;
}

static int64_t nanoseconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC_RAW, &now);
  return now.tv_sec * 1000000000ll + now.tv_nsec;
}

static void sleep_milliseconds(long long milliseconds) {
  struct timespec time = {milliseconds / 1000, milliseconds % 1000 * 1000000};
  while (nanosleep(&time, &time) && errno == EINTR) continue;
}

/* A serial port has nobody at its other end now and then: read() gives 0 and write() an error. A socket has ended then. */
static int is_socket;

static void wait_for_somebody(void) {
  if (is_socket) _exit(0);
  sleep_milliseconds(20);
}

static void read_exactly(char *to, size_t length) {
  while (length) {
    const ssize_t got = read(port, to, length);
    if (got > 0) to += got, length -= (size_t)got;
    else wait_for_somebody();
  }
}

static void write_exactly(const char *from, size_t length) {
  while (length) {
    const ssize_t put = write(port, from, length);
    if (put > 0) from += put, length -= (size_t)put;
    else wait_for_somebody();
  }
}

static int read_file(const char *path) {
  const int file = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
  if (file < 0) return refuse("can't open", path);
  static char part[1 << 16];
  ssize_t got;
  while ((got = read(file, part, sizeof part)) > 0 && answer.length < most_answer) append(&answer, part, (size_t)got);
  close(file);
  return got < 0 ? refuse("can't read", path) : 0;
}

/* In the child: becomes one of another process's surroundings. */
static void enter(long pid) {
  if (pid == 0) return;
  static const char *kinds[] = {"ipc", "uts", "net", "pid", "mnt"};
  int files[5];
  char path[64], group[PATH_MAX + 64] = "";
  snprintf(path, sizeof path, "/proc/%ld/cgroup", pid);
  FILE *list = fopen(path, "re");
  if (list) {
    char line[PATH_MAX];
    while (fgets(line, sizeof line, list))
      if (!strncmp(line, "0::", 3)) {
        line[strcspn(line, "\n")] = 0;
        snprintf(group, sizeof group, "/sys/fs/cgroup%s/cgroup.procs", line + 3);
      }
    fclose(list);
  }
  if (*group) {
    const int file = open(group, O_WRONLY | O_CLOEXEC);
    if (file < 0 || write(file, "0", 1) < 0) _exit(126);
    close(file);
  }
  for (int i = 0; i < 5; i++) {
    snprintf(path, sizeof path, "/proc/%ld/ns/%s", pid, kinds[i]);
    files[i] = open(path, O_RDONLY | O_CLOEXEC);
    if (files[i] < 0) _exit(126);
  }
  for (int i = 0; i < 5; i++)
    if (setns(files[i], 0)) _exit(126);
  if (chdir("/")) _exit(126);
}

static pid_t begin(long pid, char **argv, int out, int err) {
  const pid_t child = fork();
  if (child) return child;
  close(port);
  setsid();
  enter(pid);
  /* A new process-number namespace holds for children only. */
  if (pid) {
    const pid_t inner = fork();
    if (inner < 0) _exit(126);
    if (inner) {
      int status;
      while (waitpid(inner, &status, 0) < 0)
        if (errno != EINTR) _exit(126);
      _exit(WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
    }
  }
  const int nothing = open("/dev/null", O_RDWR);
  dup2(nothing, 0);
  dup2(out < 0 ? nothing : out, 1);
  dup2(err < 0 ? nothing : err, 2);
  signal(SIGPIPE, SIG_DFL);
  execvp(argv[0], argv);
  dprintf(2, "can't run %s: %s\n", argv[0], strerror(errno));
  _exit(127);
}

static int execute(long long milliseconds, long pid, char **argv) {
  int out[2], err[2];
  if (pipe2(out, O_CLOEXEC) || pipe2(err, O_CLOEXEC)) return refuse("can't make", "pipes");
  const pid_t child = begin(pid, argv, out[1], err[1]);
  close(out[1]), close(err[1]);
  if (child < 0) return refuse("can't fork for", argv[0]);
  struct bytes said[2] = {0};
  struct pollfd ends[2] = {{out[0], POLLIN, 0}, {err[0], POLLIN, 0}};
  const int64_t until = nanoseconds() + milliseconds * 1000000ll;
  int late = 0;
  while (ends[0].fd >= 0 || ends[1].fd >= 0) {
    const int64_t left = (until - nanoseconds()) / 1000000;
    if (left <= 0 || said[0].length + said[1].length > most_answer) {
      late = 1;
      break;
    }
    if (poll(ends, 2, left > 60000 ? 60000 : (int)left) <= 0) continue;
    for (int i = 0; i < 2; i++) {
      if (ends[i].fd < 0 || !ends[i].revents) continue;
      static char part[1 << 16];
      const ssize_t got = read(ends[i].fd, part, sizeof part);
      if (got > 0) append(&said[i], part, (size_t)got);
      else ends[i].fd = -1;
    }
  }
  if (late) kill(-child, SIGKILL);
  close(out[0]), close(err[0]);
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) continue;
  const int code = late ? -1 : WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  say("%d %zu %zu\n", code, said[0].length, said[1].length);
  for (int i = 0; i < 2; i++) {
    append(&answer, said[i].data ? said[i].data : "", said[i].length);
    free(said[i].data);
  }
  return 0;
}

/* Signals all processes of these names; first all are found, so that they are stopped together. */
static int signal_all(char **names, int count, int number) {
  static pid_t found[4096];
  int many = 0;
  DIR *processes = opendir("/proc");
  if (!processes) return refuse("can't open", "/proc");
  for (struct dirent *each; (each = readdir(processes)) && many < 4096;) {
    char *end, path[64], name[64];
    const long pid = strtol(each->d_name, &end, 10);
    if (*end || pid < 2) continue;
    snprintf(path, sizeof path, "/proc/%ld/comm", pid);
    FILE *file = fopen(path, "re");
    if (!file) continue;
    if (fgets(name, sizeof name, file)) {
      name[strcspn(name, "\n")] = 0;
      for (int i = 0; i < count; i++)
        if (!strncmp(name, names[i], 15)) {
          found[many++] = (pid_t)pid;
          break;
        }
    }
    fclose(file);
  }
  closedir(processes);
  for (int i = 0; i < many; i++) kill(found[i], number);
  say("%d", many);
  return 0;
}

static void __attribute__((noinline)) mark_begin(void) { __asm__ volatile(".byte 0x0f,0x1f,0x84,0x00,'T','A','R',1" ::: "memory"); }
static void __attribute__((noinline)) mark_end(void) { __asm__ volatile(".byte 0x0f,0x1f,0x84,0x00,'T','A','R',2" ::: "memory"); }

static void on_alarm(int number) { (void)number; }

static int measure(long long milliseconds, long long settle, const char *go, const char *done, char **lines, int count) {
  const struct sigaction wake = {.sa_handler = on_alarm};
  sigaction(SIGALRM, &wake, NULL);
  alarm((unsigned)(milliseconds / 1000 + 1));
  int result = 0;
  char said[4096];
  const int to = open(go, O_WRONLY | O_CLOEXEC);
  const int from = to < 0 ? -1 : open(done, O_RDONLY | O_CLOEXEC);
  if (to < 0 || from < 0) result = refuse("can't open", to < 0 ? go : done);
  for (int i = 0; !result && i < count; i++) {
    size_t length = 0;
    const size_t all = strlen(lines[i]);
    lines[i][all] = '\n';
    sleep_milliseconds(settle);
    mark_begin();
    const int64_t began = nanoseconds();
    if (write(to, lines[i], all + 1) < 0) result = refuse("can't write to", go);
    while (!result) {
      const ssize_t got = read(from, said + length, sizeof said - 1 - length);
      if (got < 0) result = refuse("nothing came from", done);
      else if (!got) errno = EPIPE, result = refuse("nothing came from", done);
      else if (said[(length += (size_t)got) - 1] == '\n' || length == sizeof said - 1) break;
    }
    const int64_t ended = nanoseconds();
    mark_end();
    said[length] = 0;
    if (!result) say("%lld %.*s\n", (long long)(ended - began), (int)strcspn(said, "\n"), said);
  }
  alarm(0);
  if (to >= 0) close(to);
  if (from >= 0) close(from);
  return result;
}

static int serve(const char *verb, char **words, int count) {
  answer.length = 0;
  errno = EINVAL;
  if (!strcmp(verb, "read") && count == 1) return read_file(words[0]);
  if (!strcmp(verb, "exec") && count > 2) return execute(atoll(words[0]), atol(words[1]), words + 2);
  if (!strcmp(verb, "start") && count > 1) {
    const pid_t child = begin(atol(words[0]), words + 1, -1, -1);
    if (child < 0) return refuse("can't fork for", words[1]);
    say("%d", child);
    return 0;
  }
  if (!strcmp(verb, "hold")) return signal_all(words, count, SIGSTOP);
  if (!strcmp(verb, "release")) return signal_all(words, count, SIGCONT);
  if (!strcmp(verb, "windows") && count > 4)
    return measure(atoll(words[0]), atoll(words[1]), words[2], words[3], words + 4, count - 4);
  return refuse("unknown request", verb);
}

int main(int argc, char **argv) {
  if (argc == 2) port = strspn(argv[1], "0123456789") == strlen(argv[1]) ? atoi(argv[1]) : open(argv[1], O_RDWR | O_CLOEXEC);
  if (argc != 2 || port < 0) {
    fprintf(stderr, "tare-agent: %s\n", argc == 2 ? strerror(errno) : "give one port");
    return 2;
  }
  struct stat what;
  is_socket = !fstat(port, &what) && S_ISSOCK(what.st_mode);
  signal(SIGPIPE, SIG_IGN);
  static char request[most_request + 1];
  static char *words[most_words + 1];
  for (;;) {
    char line[128], verb[32];
    size_t length = 0;
    do read_exactly(line + length, 1);
    while (line[length] != '\n' && ++length < sizeof line - 1);
    line[length] = 0;
    unsigned long id, size;
    if (sscanf(line, "%lu %31s %lu", &id, verb, &size) != 3 || size > most_request) continue;
    read_exactly(request, size);
    request[size] = 0;
    int count = 0;
    for (size_t at = 0; at < size && count < most_words; at += strlen(request + at) + 1) words[count++] = request + at;
    words[count] = NULL;
    const int result = serve(verb, words, count);
    char head[64];
    write_exactly(head, (size_t)snprintf(head, sizeof head, "%lu %s %zu\n", id, result ? "no" : "ok", answer.length));
    write_exactly(answer.data ? answer.data : "", answer.length);
    /* Those put into the background, as they end. */
    while (waitpid(-1, NULL, WNOHANG) > 0) continue;
  }
}
