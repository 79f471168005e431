/*
 * Counts what the emulated processor executes, exactly: a plugin for QEMU's TCG (plugin interface 4, QEMU 9.2 and later).
 *
 * Every translated block adds its number of instructions to a counter of its own, inline. Nothing is sampled, and the
 * guest is not slowed in its own time, which is the number of instructions itself.
 *
 * Tasks. Told where the kernel switches tasks (`switch=`, the address of __switch_to, whose second argument is the task
 * that comes next) and where a task keeps its name (`name=`, an offset in bytes), it counts what each program executes
 * in user space, and sets aside all that a task executes whose name begins with one of the words told by `apart=`, such
 * as `kworker/`. Without them user space is one entry, and nothing is set aside.
 *
 * Marks. At a mark all counters are copied, at that very instruction, so that a window between two marks has no edge that
 * depends on the host, or on who was asleep. There are two ways to one:
 * - by event: functions of the kernel told by `event=NAME:ADDRESS` are watched. Armed with a task's name and rising
 *   numbers, an event makes a mark as that task calls the function for the so many-th time. Between two transactions
 *   of a program that runs on, nothing starts and nothing ends;
 * - by the guest: a program executes an eight-byte no-operation of a form that no compiler makes,
 *   `nopl MARK(%rax,%rax,1)` with MARK the bytes "TAR" and a number from 1 to 255.
 *
 * Control. A Unix socket (`socket=PATH`), one request a line, one client at a time, answers end with a line `.`:
 *   forget        drops the marks taken so far, and disarms
 *   arm EVENT TASK N…   up to eight numbers, each greater than the one before
 *   marks         `WHAT INSTRUCTIONS CLOCK`, one line a mark in order of time: a guest's number, or 256 and more for
 *                 an event's first and further numbers; all instructions executed until then; nanoseconds of the scheduler's clock
 *                 (`clock=BASE:OFFSET`, hexadecimal: OFFSET from the address kept at BASE), 0 where it could
 *                 not be read
 *   between I J   what was executed between two marks, by their positions in that list:
 *                 `k ADDRESS INSTRUCTIONS`       a block of the kernel, by its first instruction's address, hexadecimal
 *                 `u INSTRUCTIONS NAME`          user space of the programs of that name
 *                 `a ADDRESS INSTRUCTIONS NAME`  the same as k, and
 *                 `b INSTRUCTIONS NAME`          the same as u, but set aside
 * A request that can't be answered gets `! REASON` before the `.`.
 *
 * One virtual processor only: with more, a window would have no meaning.
 */
#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/* The part of QEMU's plugin interface that is used here; the emulator's packages bring no header. */
#define EXPORT __attribute__((visibility("default")))
typedef uint64_t plugin_id;
struct qemu_plugin_tb;
struct qemu_plugin_insn;
struct qemu_plugin_scoreboard;
struct qemu_plugin_register;
typedef struct {
  struct qemu_plugin_scoreboard *score;
  size_t offset;
} counter_at;
typedef struct {
  const char *target_name;
  struct {
    int min, cur;
  } version;
  bool system_emulation;
  struct {
    int smp_vcpus, max_vcpus;
  } system;
} machine_info;
typedef struct {
  struct qemu_plugin_register *handle;
  const char *name, *feature;
} register_description;
/* GLib's arrays, as far as they are read here. */
typedef struct {
  char *data;
  unsigned len;
} g_array;
typedef struct {
  uint8_t *data;
  unsigned len;
} g_byte_array;
enum { reads_registers = 1 };
enum { add_u64 };
void qemu_plugin_register_vcpu_tb_trans_cb(plugin_id, void (*)(plugin_id, struct qemu_plugin_tb *));
void qemu_plugin_register_vcpu_init_cb(plugin_id, void (*)(plugin_id, unsigned));
void qemu_plugin_register_vcpu_tb_exec_inline_per_vcpu(struct qemu_plugin_tb *, int, counter_at, uint64_t);
void qemu_plugin_register_vcpu_insn_exec_cb(struct qemu_plugin_insn *, void (*)(unsigned, void *), int, void *);
size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *);
uint64_t qemu_plugin_tb_vaddr(const struct qemu_plugin_tb *);
struct qemu_plugin_insn *qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *, size_t);
size_t qemu_plugin_insn_data(const struct qemu_plugin_insn *, void *, size_t);
size_t qemu_plugin_insn_size(const struct qemu_plugin_insn *);
uint64_t qemu_plugin_insn_vaddr(const struct qemu_plugin_insn *);
struct qemu_plugin_scoreboard *qemu_plugin_scoreboard_new(size_t);
void *qemu_plugin_scoreboard_find(struct qemu_plugin_scoreboard *, unsigned);
g_array *qemu_plugin_get_registers(void);
int qemu_plugin_read_register(struct qemu_plugin_register *, g_byte_array *);
bool qemu_plugin_read_memory_vaddr(uint64_t, g_byte_array *, size_t);
void qemu_plugin_outs(const char *);
g_byte_array *g_byte_array_new(void);
g_byte_array *g_byte_array_set_size(g_byte_array *, unsigned);

EXPORT int qemu_plugin_version = 4;

/* Counters: 0 is user space, 1 is for blocks beyond the last counter, the others are one block of the kernel each. */
enum { user_space, beyond, first_block, most_counters = 1 << 18 };
enum { most_marks = 256, most_tasks = 512, name_length = 16, most_apart = 32, most_events = 32 };
enum { most_numbers = 8, mark_of_event = 256 };

static struct qemu_plugin_scoreboard *counters;
static uint64_t *live; /* the one processor's counters */
static uint64_t address_of[most_counters];
static unsigned used = first_block;
/* From address and length of a block to its counter; open addressing, 0 is empty. */
static uint32_t places[1 << 19];
static uint32_t length_of[most_counters];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

/* One name of a task, and what was executed in its name since the start. */
struct task {
  char name[name_length];
  bool apart;
  uint64_t user;     /* user space */
  uint64_t *counted; /* only of those apart: all counters, grown as need be */
  unsigned size;
};
static struct task tasks[most_tasks]; /* the first one: before the first switch, and all beyond the last */
static unsigned task_count = 1;
static unsigned current;
static uint64_t user_at_switch;
static uint64_t *at_switch; /* all counters as the current task, one apart, came */
static unsigned at_switch_size;
static char apart[most_apart][name_length];
static unsigned apart_count;
static uint64_t switch_address, name_offset;
static uint64_t clock_base, clock_offset; /* the clock lies at the address that is kept at the first, plus the second */
static uint64_t current_address; /* of the task that runs; 0 before the first switch */
static struct qemu_plugin_register *next_task_register;
static g_byte_array *scratch;

/* A function of the kernel that is watched. */
struct event {
  char name[32];
  uint64_t address;
};
static struct event events[most_events];
static unsigned event_count;
/* What is waited for; one event at a time. */
static struct {
  const struct event *event;
  char task[name_length];
  uint64_t seen, numbers[most_numbers];
  unsigned count, next;
} armed;

/* A copy of everything at one mark. */
struct mark {
  unsigned what, used, task_count;
  uint64_t clock;
  uint64_t *counted;
  uint64_t user[most_tasks];
  uint64_t *apart[most_tasks];
  unsigned apart_size[most_tasks];
};
static struct mark *marks[most_marks];
static unsigned mark_count;

static void *must(void *memory) {
  if (memory) return memory;
  fputs("tare-count: out of memory\n", stderr);
  abort();
}

static uint64_t *copy_of(const uint64_t *from, unsigned count) {
  uint64_t *copy = must(malloc((count ? count : 1) * sizeof *copy));
  memcpy(copy, from, count * sizeof *copy);
  return copy;
}

/* The counter of a block of the kernel; made where there is none. */
static uint32_t counter_of(uint64_t address, uint32_t length) {
  const uint32_t mask = sizeof places / sizeof *places - 1;
  uint32_t at = (uint32_t)(((address ^ ((uint64_t)length << 48)) * 11400714819323198485ull) >> 40) & mask;
  while (places[at]) {
    if (address_of[places[at]] == address && length_of[places[at]] == length) return places[at];
    at = (at + 1) & mask;
  }
  if (used == most_counters) return beyond;
  address_of[used] = address;
  length_of[used] = length;
  places[at] = used;
  return used++;
}

static unsigned task_named(const char *name) {
  for (unsigned i = 1; i < task_count; i++)
    if (!strncmp(tasks[i].name, name, name_length)) return i;
  if (task_count == most_tasks) return 0;
  struct task *task = &tasks[task_count];
  memcpy(task->name, name, name_length);
  for (unsigned i = 0; i < apart_count; i++) task->apart |= !strncmp(name, apart[i], strlen(apart[i]));
  return task_count++;
}

static bool read_number(uint64_t address, uint64_t *number) {
  g_byte_array_set_size(scratch, 0);
  if (!qemu_plugin_read_memory_vaddr(address, scratch, sizeof *number)) return false;
  memcpy(number, scratch->data, sizeof *number);
  return true;
}

/* The name that the running task has by now: it changes as a process becomes another program. */
static bool read_current_name(char name[name_length]) {
  memset(name, 0, name_length);
  if (!current_address) return false;
  g_byte_array_set_size(scratch, 0);
  if (!qemu_plugin_read_memory_vaddr(current_address + name_offset, scratch, name_length)) return false;
  memcpy(name, scratch->data, name_length - 1);
  for (char *c = name; *c; c++)
    if (*c < ' ' || *c > '~') *c = '?';
  return true;
}

/* Gives what was executed since the last switch to the task that executed it. */
static void settle_task(void) {
  struct task *task = &tasks[current];
  char name[name_length];
  const unsigned by_now = !task->apart && read_current_name(name) ? task_named(name) : current;
  tasks[by_now].user += live[user_space] - user_at_switch;
  user_at_switch = live[user_space];
  if (!task->apart) return;
  if (task->size < used) {
    task->counted = must(realloc(task->counted, used * sizeof *task->counted));
    memset(task->counted + task->size, 0, (used - task->size) * sizeof *task->counted);
    task->size = used;
  }
  for (unsigned i = beyond; i < used; i++) task->counted[i] += live[i] - (i < at_switch_size ? at_switch[i] : 0);
}

static void begin_task(unsigned next) {
  current = next;
  if (!tasks[next].apart) return;
  at_switch = must(realloc(at_switch, used * sizeof *at_switch));
  memcpy(at_switch, live, used * sizeof *at_switch);
  at_switch_size = used;
}

static void on_switch(unsigned cpu, void *data) {
  (void)cpu, (void)data;
  g_byte_array_set_size(scratch, 0);
  uint64_t next;
  if (qemu_plugin_read_register(next_task_register, scratch) != sizeof next) return;
  memcpy(&next, scratch->data, sizeof next);
  pthread_mutex_lock(&lock);
  settle_task();
  current_address = next;
  char name[name_length];
  read_current_name(name);
  begin_task(task_named(name));
  pthread_mutex_unlock(&lock);
}

static void take_mark(unsigned what) {
  settle_task();
  begin_task(current);
  if (mark_count == most_marks) return;
  struct mark *mark = must(calloc(1, sizeof *mark));
  mark->what = what;
  mark->used = used;
  mark->task_count = task_count;
  mark->counted = copy_of(live, used);
  for (unsigned i = 0; i < task_count; i++) {
    mark->user[i] = tasks[i].user;
    if (!tasks[i].apart) continue;
    mark->apart_size[i] = tasks[i].size;
    mark->apart[i] = copy_of(tasks[i].counted, tasks[i].size);
  }
  uint64_t processor;
  if (clock_base && read_number(clock_base, &processor)) read_number(processor + clock_offset, &mark->clock);
  marks[mark_count++] = mark;
}

static void on_mark(unsigned cpu, void *data) {
  (void)cpu;
  pthread_mutex_lock(&lock);
  take_mark((unsigned)(uintptr_t)data);
  pthread_mutex_unlock(&lock);
}

static void on_event(unsigned cpu, void *data) {
  (void)cpu;
  if (armed.event != data) return;
  pthread_mutex_lock(&lock);
  char name[name_length];
  if (armed.event == data && read_current_name(name) && !strcmp(name, armed.task)) {
    armed.seen++;
    if (armed.next < armed.count && armed.seen == armed.numbers[armed.next]) take_mark(mark_of_event + armed.next++);
  }
  pthread_mutex_unlock(&lock);
}

static void on_translation(plugin_id id, struct qemu_plugin_tb *tb) {
  (void)id;
  const uint64_t address = qemu_plugin_tb_vaddr(tb);
  const size_t length = qemu_plugin_tb_n_insns(tb);
  const bool is_kernel = address >> 63;
  uint32_t counter = user_space;
  if (is_kernel) {
    pthread_mutex_lock(&lock);
    counter = counter_of(address, (uint32_t)length);
    pthread_mutex_unlock(&lock);
  }
  const counter_at entry = {counters, counter * sizeof(uint64_t)};
  qemu_plugin_register_vcpu_tb_exec_inline_per_vcpu(tb, add_u64, entry, length);
  for (size_t i = 0; i < length; i++) {
    struct qemu_plugin_insn *insn = qemu_plugin_tb_get_insn(tb, i);
    if (is_kernel) {
      if (switch_address && next_task_register && qemu_plugin_insn_vaddr(insn) == switch_address)
        qemu_plugin_register_vcpu_insn_exec_cb(insn, on_switch, reads_registers, NULL);
      for (unsigned k = 0; k < event_count; k++)
        if (qemu_plugin_insn_vaddr(insn) == events[k].address)
          qemu_plugin_register_vcpu_insn_exec_cb(insn, on_event, reads_registers, &events[k]);
      continue;
    }
    static const uint8_t form[7] = {0x0f, 0x1f, 0x84, 0x00, 'T', 'A', 'R'};
    uint8_t bytes[8];
    if (qemu_plugin_insn_size(insn) != sizeof bytes) continue;
    if (qemu_plugin_insn_data(insn, bytes, sizeof bytes) != sizeof bytes) continue;
    if (memcmp(bytes, form, sizeof form)) continue;
    qemu_plugin_register_vcpu_insn_exec_cb(insn, on_mark, reads_registers, (void *)(uintptr_t)bytes[7]);
  }
}

static void on_processor(plugin_id id, unsigned cpu) {
  (void)id;
  live = qemu_plugin_scoreboard_find(counters, cpu);
  g_array *registers = qemu_plugin_get_registers();
  const register_description *each = (const register_description *)registers->data;
  for (unsigned i = 0; i < registers->len; i++)
    if (!strcmp(each[i].name, "rsi")) next_task_register = each[i].handle;
}

static void forget(void) {
  for (unsigned i = 0; i < mark_count; i++) {
    for (unsigned k = 0; k < marks[i]->task_count; k++) free(marks[i]->apart[k]);
    free(marks[i]->counted);
    free(marks[i]);
  }
  mark_count = 0;
  armed.event = NULL;
}

/* `EVENT TASK N…` */
static const char *arm(char *words) {
  memset(&armed, 0, sizeof armed);
  const char *name = strtok(words, " "), *task = strtok(NULL, " "), *number;
  if (!name || !task || strlen(task) >= name_length) return "give an event, a task and numbers";
  while ((number = strtok(NULL, " "))) {
    const uint64_t value = strtoull(number, NULL, 10);
    if (armed.count == most_numbers || value <= (armed.count ? armed.numbers[armed.count - 1] : 0))
      return "give up to eight rising numbers";
    armed.numbers[armed.count++] = value;
  }
  strcpy(armed.task, task);
  for (unsigned i = 0; i < event_count; i++)
    if (!strcmp(events[i].name, name)) armed.event = &events[i];
  return armed.event ? NULL : "that event is not watched";
}

static uint64_t at(const uint64_t *counted, unsigned size, unsigned i) { return i < size ? counted[i] : 0; }

static void tell_between(FILE *out, const struct mark *a, const struct mark *b) {
  uint64_t *path = must(calloc(b->used, sizeof *path));
  for (unsigned i = beyond; i < b->used; i++) path[i] = b->counted[i] - at(a->counted, a->used, i);
  for (unsigned k = 0; k < b->task_count; k++) {
    const uint64_t user = b->user[k] - (k < a->task_count ? a->user[k] : 0);
    if (user) fprintf(out, "%c %llu %.15s\n", tasks[k].apart ? 'b' : 'u', (unsigned long long)user, tasks[k].name);
    if (!tasks[k].apart) continue;
    for (unsigned i = beyond; i < b->apart_size[k]; i++) {
      const uint64_t before = k < a->task_count ? at(a->apart[k], a->apart_size[k], i) : 0;
      const uint64_t own = b->apart[k][i] - before;
      path[i] -= own;
      if (own) fprintf(out, "a %llx %llu %.15s\n", (unsigned long long)address_of[i], (unsigned long long)own, tasks[k].name);
    }
  }
  for (unsigned i = beyond; i < b->used; i++)
    if (path[i]) fprintf(out, "k %llx %llu\n", (unsigned long long)address_of[i], (unsigned long long)path[i]);
  free(path);
}

static void tell_marks(FILE *out) {
  for (unsigned k = 0; k < mark_count; k++) {
    uint64_t all = 0;
    for (unsigned i = 0; i < marks[k]->used; i++) all += marks[k]->counted[i];
    fprintf(out, "%u %llu %llu\n", marks[k]->what, (unsigned long long)all, (unsigned long long)marks[k]->clock);
  }
}

static void answer(FILE *out, char *request) {
  unsigned a, b;
  if (!strcmp(request, "forget")) forget();
  else if (!strcmp(request, "marks")) tell_marks(out);
  else if (!strncmp(request, "arm ", 4)) {
    const char *fault = arm(request + 4);
    if (fault) fprintf(out, "! %s\n", fault);
  } else if (sscanf(request, "between %u %u", &a, &b) == 2) {
    if (a < b && b < mark_count) tell_between(out, marks[a], marks[b]);
    else fprintf(out, "! there are %u marks\n", mark_count);
  } else fputs("! unknown request\n", out);
  fputs(".\n", out);
}

static void *serve(void *data) {
  const int listener = (int)(intptr_t)data;
  for (;;) {
    const int client = accept(listener, NULL, NULL);
    if (client < 0) continue;
    FILE *in = fdopen(client, "r");
    FILE *out = fdopen(dup(client), "w");
    char line[256];
    while (in && out && fgets(line, sizeof line, in)) {
      line[strcspn(line, "\r\n")] = 0;
      pthread_mutex_lock(&lock);
      answer(out, line);
      pthread_mutex_unlock(&lock);
      if (fflush(out)) break;
    }
    if (out) fclose(out);
    if (in) fclose(in);
  }
  return NULL;
}

static int fail(const char *why) {
  fprintf(stderr, "tare-count: %s\n", why);
  return 1;
}

static int listen_at(const char *path) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  if (strlen(path) >= sizeof address.sun_path) return -1;
  strcpy(address.sun_path, path);
  unlink(path);
  const int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (listener < 0 || bind(listener, (struct sockaddr *)&address, sizeof address) || listen(listener, 4)) return -1;
  return listener;
}

static const char *value_of(const char *argument, const char *key) {
  const size_t length = strlen(key);
  return !strncmp(argument, key, length) && argument[length] == '=' ? argument + length + 1 : NULL;
}

EXPORT int qemu_plugin_install(plugin_id id, const machine_info *info, int argc, char **argv) {
  const char *path = NULL, *value;
  for (int i = 0; i < argc; i++) {
    if ((value = value_of(argv[i], "socket"))) path = value;
    else if ((value = value_of(argv[i], "switch"))) switch_address = strtoull(value, NULL, 0);
    else if ((value = value_of(argv[i], "name"))) name_offset = strtoull(value, NULL, 0);
    else if ((value = value_of(argv[i], "clock"))) {
      if (sscanf(value, "%llx:%llx", (unsigned long long *)&clock_base, (unsigned long long *)&clock_offset) != 2)
        return fail("clock= takes ADDRESS:OFFSET");
    } else if ((value = value_of(argv[i], "event"))) {
      if (event_count == most_events || sscanf(value, "%31[^:]:%llx", events[event_count].name, (unsigned long long *)&events[event_count].address) != 2)
        return fail("event= takes NAME:ADDRESS");
      event_count++;
    } else if ((value = value_of(argv[i], "apart"))) {
      if (apart_count == most_apart || !*value || strlen(value) >= name_length) return fail("apart= takes a short name");
      strcpy(apart[apart_count++], value);
    } else return fail("arguments are socket=, switch=, name=, clock=, event= and apart=");
  }
  if (!path) return fail("no socket= given");
  if (!info->system_emulation || info->system.max_vcpus != 1) return fail("only a machine with one processor can be counted");
  if (strcmp(info->target_name, "x86_64")) return fail("only an x86-64 machine can be counted");
  const int listener = listen_at(path);
  if (listener < 0) return fail("can't listen at the socket");
  scratch = g_byte_array_new();
  counters = qemu_plugin_scoreboard_new(most_counters * sizeof(uint64_t));
  qemu_plugin_register_vcpu_init_cb(id, on_processor);
  qemu_plugin_register_vcpu_tb_trans_cb(id, on_translation);
  pthread_t thread;
  if (pthread_create(&thread, NULL, serve, (void *)(intptr_t)listener)) return fail("can't start a thread");
  return 0;
}
