/* Starts a program whose system calls fail as told: they are done and say that they were not, or the other way round.
 *
 *   syscalls LOG RULES PROGRAM ARGUMENT...
 *
 * RULES: CALL|FROM|TO|ERRNO|SKIP|COUNT|MODE, several separated by a semicolon. FROM and TO are parts of the first and
 * the second path (for a descriptor, of the file it is open on); an empty one fits all. The first SKIP calls that fit
 * are left alone, the next COUNT (-1: all) meet the MODE: "not" (says ERRNO, not done), "done" (done, says ERRNO), "lie"
 * (not done, says 0), "zero" (done, with an empty answer: for fstatfs), "wait" (done after ERRNO seconds). A rule whose
 * SKIP is negative holds once the file LOG.armed is there. Each call that met a rule is a line in LOG.
 *
 * The calls are caught by seccomp and changed by ptrace, so that those are met too that go past the C library. The
 * process that was started becomes the PROGRAM; the tracer is a process beside it, which ends with it. x86-64 only. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define RULES 16
#define CALLS 64
#define THREADS 512

enum path { NONE, NAME, FD };
/* Where a call has its paths: which argument, and how. */
struct call { const char *name; long number; enum path from; int from_at; enum path to; int to_at; };
static const struct call calls[] = {
    { "open", SYS_openat, NAME, 1, NONE, 0 },       { "open", SYS_open, NAME, 0, NONE, 0 },
    { "rename", SYS_rename, NAME, 0, NAME, 1 },     { "rename", SYS_renameat, NAME, 1, NAME, 3 },
    { "rename", SYS_renameat2, NAME, 1, NAME, 3 },  { "link", SYS_link, NAME, 0, NAME, 1 },
    { "link", SYS_linkat, NAME, 1, NAME, 3 },       { "unlink", SYS_unlink, NAME, 0, NONE, 0 },
    { "unlink", SYS_unlinkat, NAME, 1, NONE, 0 },   { "mkdir", SYS_mkdir, NAME, 0, NONE, 0 },
    { "mkdir", SYS_mkdirat, NAME, 1, NONE, 0 },     { "write", SYS_write, FD, 0, NONE, 0 },
    { "read", SYS_read, FD, 0, NONE, 0 },           { "ftruncate", SYS_ftruncate, FD, 0, NONE, 0 },
    { "fsync", SYS_fsync, FD, 0, NONE, 0 },         { "fsync", SYS_fdatasync, FD, 0, NONE, 0 },
    { "syncfs", SYS_syncfs, FD, 0, NONE, 0 },       { "statvfs", SYS_fstatfs, FD, 0, NONE, 0 },
    { "statvfs", SYS_statfs, NAME, 0, NONE, 0 },    { "flock", SYS_flock, FD, 0, NONE, 0 },
    { "stat", SYS_statx, NAME, 1, NONE, 0 },        { "stat", SYS_newfstatat, NAME, 1, NONE, 0 },
    { "stat", SYS_fstat, FD, 0, NONE, 0 },          { "getdents", SYS_getdents64, FD, 0, NONE, 0 },
    { "access", SYS_faccessat, NAME, 1, NONE, 0 },  { "access", SYS_access, NAME, 0, NONE, 0 },
    { "copy", SYS_copy_file_range, FD, 0, FD, 2 },
};
struct rule { char call[16], from[64], to[64], mode[8]; int error, skip, count; };
static struct rule rules[RULES];
static int rule_count;
/* What is to be done to a thread at its next stop, or when it has waited. */
struct thread { pid_t id; struct rule *rule; struct timespec until; };
static struct thread threads[THREADS];
static int journal;
/* Rules that skip a negative number wait until this file is there. */
static char armed[1024];

static void parse(char *text) {
    char *next, *at;
    for (char *rule = strtok_r(text, ";", &next); rule && rule_count < RULES; rule = strtok_r(NULL, ";", &next)) {
        char *part[7];
        int parts = 0;
        for (at = rule; parts < 7; at++) {
            part[parts++] = at;
            if (!(at = strchr(at, '|'))) break;
            *at = 0;
        }
        if (parts != 7) { fprintf(stderr, "syscalls: what is '%s'?\n", rule); exit(2); }
        struct rule *into = &rules[rule_count++];
        snprintf(into->call, sizeof into->call, "%s", part[0]);
        snprintf(into->from, sizeof into->from, "%s", part[1]);
        snprintf(into->to, sizeof into->to, "%s", part[2]);
        into->error = atoi(part[3]), into->skip = atoi(part[4]), into->count = atoi(part[5]);
        snprintf(into->mode, sizeof into->mode, "%s", part[6]);
    }
}

static long argument(const struct user_regs_struct *regs, int at) {
    const long all[] = { regs->rdi, regs->rsi, regs->rdx, regs->r10, regs->r8, regs->r9 };
    return all[at];
}

static void path_of(pid_t id, enum path kind, long value, char *into, size_t size) {
    memset(into, 0, size);
    if (kind == FD) {
        char link[64];
        snprintf(link, sizeof link, "/proc/%d/fd/%ld", id, value);
        if (readlink(link, into, size - 1) < 0) into[0] = 0;
    }
    if (kind != NAME) return;
    /* Up to the end of a page at a time: the next one may not be there. */
    for (size_t have = 0; have < size - 1;) {
        size_t want = 4096 - (value + have) % 4096;
        if (want > size - 1 - have) want = size - 1 - have;
        struct iovec here = { into + have, want }, there = { (void *)(value + have), want };
        ssize_t got = process_vm_readv(id, &here, 1, &there, 1, 0);
        if (got <= 0 || memchr(into + have, 0, got)) return;
        have += got;
    }
}

static struct rule *find(pid_t id, const struct user_regs_struct *regs) {
    for (size_t at = 0; at < sizeof calls / sizeof *calls; at++) {
        const struct call *call = &calls[at];
        if (call->number != (long)regs->orig_rax) continue;
        char from[1024], to[1024];
        path_of(id, call->from, argument(regs, call->from_at), from, sizeof from);
        path_of(id, call->to, argument(regs, call->to_at), to, sizeof to);
        for (int at = 0; at < rule_count; at++) {
            struct rule *rule = &rules[at];
            if (!rule->count || strcmp(rule->call, call->name) || !strstr(from, rule->from) || !strstr(to, rule->to)) continue;
            if (rule->skip > 0) { rule->skip--; continue; }
            if (rule->skip < 0 && access(armed, F_OK)) continue;
            if (rule->count > 0) rule->count--;
            dprintf(journal, "%s %s %s: %s %d\n", call->name, from, to, rule->mode, rule->error);
            return rule;
        }
    }
    return NULL;
}

static struct thread *slot(pid_t id) {
    struct thread *empty = NULL;
    for (int at = 0; at < THREADS; at++) {
        if (threads[at].id == id) return &threads[at];
        if (!threads[at].id && !empty) empty = &threads[at];
    }
    if (empty) *empty = (struct thread) { .id = id };
    return empty;
}

static int has(const struct rule *rule, const char *mode) { return !strcmp(rule->mode, mode); }

/* A call is about to begin. */
static void begin(pid_t id) {
    struct user_regs_struct regs;
    if (ptrace(PTRACE_GETREGS, id, 0, &regs)) return;
    struct rule *rule = find(id, &regs);
    if (!rule) { ptrace(PTRACE_CONT, id, 0, 0); return; }
    if (has(rule, "not") || has(rule, "lie")) {
        regs.orig_rax = -1;
        regs.rax = has(rule, "not") ? -rule->error : 0;
        ptrace(PTRACE_SETREGS, id, 0, &regs);
        ptrace(PTRACE_CONT, id, 0, 0);
        return;
    }
    struct thread *thread = slot(id);
    thread->rule = rule;
    if (has(rule, "wait")) {
        clock_gettime(CLOCK_MONOTONIC, &thread->until);
        thread->until.tv_sec += rule->error;
        return;
    }
    ptrace(PTRACE_SYSCALL, id, 0, 0);
}

/* A call that was let through is done. */
static void finish(pid_t id) {
    struct thread *thread = slot(id);
    struct user_regs_struct regs;
    if (thread && thread->rule && !ptrace(PTRACE_GETREGS, id, 0, &regs)) {
        if (has(thread->rule, "done")) {
            regs.rax = -thread->rule->error;
            ptrace(PTRACE_SETREGS, id, 0, &regs);
        } else if (has(thread->rule, "zero")) {
            struct statfs empty = { .f_bsize = 4096, .f_frsize = 4096 };
            struct iovec here = { &empty, sizeof empty }, there = { (void *)regs.rsi, sizeof empty };
            process_vm_writev(id, &here, 1, &there, 1, 0);
        }
        thread->id = 0;
    }
    ptrace(PTRACE_CONT, id, 0, 0);
}

/* Lets go those that have waited. Returns how many still wait. */
static int wake(void) {
    struct timespec now;
    int waiting = 0;
    clock_gettime(CLOCK_MONOTONIC, &now);
    for (int at = 0; at < THREADS; at++) {
        struct thread *thread = &threads[at];
        if (!thread->id || !thread->until.tv_sec) continue;
        if (now.tv_sec < thread->until.tv_sec) { waiting++; continue; }
        ptrace(PTRACE_CONT, thread->id, 0, 0);
        thread->id = 0;
    }
    return waiting;
}

static void trace(void) {
    for (;;) {
        int status, waiting = wake();
        pid_t id = waitpid(-1, &status, __WALL | (waiting ? WNOHANG : 0));
        if (id == 0) { usleep(5000); continue; }
        if (id < 0) { if (errno == EINTR) continue; _exit(0); }
        if (!WIFSTOPPED(status)) continue;
        int event = status >> 16, signal = WSTOPSIG(status);
        if (event == PTRACE_EVENT_SECCOMP) begin(id);
        else if (signal == (SIGTRAP | 0x80)) finish(id);
        else if (event == PTRACE_EVENT_STOP && signal != SIGTRAP) ptrace(PTRACE_LISTEN, id, 0, 0);
        else ptrace(PTRACE_CONT, id, 0, event ? 0 : signal);
    }
}

static void catch(void) {
    struct sock_filter filter[2 * CALLS] = { BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)) };
    unsigned short length = 1;
    for (size_t at = 0; at < sizeof calls / sizeof *calls; at++) {
        int wanted = 0;
        for (int rule = 0; rule < rule_count; rule++) wanted |= !strcmp(rules[rule].call, calls[at].name);
        if (!wanted) continue;
        filter[length++] = (struct sock_filter) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, calls[at].number, 0, 1);
        filter[length++] = (struct sock_filter) BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRACE);
    }
    filter[length++] = (struct sock_filter) BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
    struct sock_fprog program = { length, filter };
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program)) { perror("seccomp"); _exit(3); }
}

int main(int count, char **words) {
    if (count < 4) return 2;
    parse(strdup(words[2]));
    snprintf(armed, sizeof armed, "%s.armed", words[1]);
    journal = open(words[1], O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
    int ready[2], traced[2];
    if (journal < 0 || pipe2(ready, O_CLOEXEC) || pipe2(traced, O_CLOEXEC)) { perror("syscalls"); return 3; }
    pid_t self = getpid(), between = fork();
    char byte = 0;
    if (!between) {
        /* Twice, so that the program has no child that it does not know. */
        if (fork()) _exit(0);
        setsid();
        if (read(ready[0], &byte, 1) != 1) _exit(3);
        long options = PTRACE_O_TRACESECCOMP | PTRACE_O_TRACECLONE | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK |
                       PTRACE_O_TRACEEXEC | PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL;
        if (ptrace(PTRACE_SEIZE, self, 0, options)) { perror("ptrace"); _exit(3); }
        int nothing = open("/dev/null", O_RDWR);
        for (int fd = 0; fd < 3; fd++) dup2(nothing, fd);
        if (write(traced[1], &byte, 1) != 1) _exit(3);
        close(traced[1]);
        trace();
    }
    waitpid(between, NULL, 0);
    prctl(PR_SET_PTRACER, PR_SET_PTRACER_ANY, 0, 0, 0);
    close(traced[1]);
    if (write(ready[1], &byte, 1) != 1 || read(traced[0], &byte, 1) != 1) { fprintf(stderr, "syscalls: not traced\n"); return 3; }
    catch();
    execvp(words[3], words + 3);
    perror("exec");
    return 3;
}
