// Processes and threads that start, stop, and end.

#include "program.h"
#include <spawn.h>
#include <sys/prctl.h>
#include <sys/resource.h>

static int exit_code(int status) { return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status); }

//   1.000 child
//   1.000 parent: 7
CASE(fork_and_wait) {
    if (fork() == 0) {
        sleep_for(1);
        say("child");
        _exit(7);
    }
    int status;
    wait(&status);
    say("parent: %d", exit_code(status));
}

// Children that sleep together.
//   1.000 1
//   1.500 2
//   2.000 3
//   2.000 parent
CASE(siblings) {
    for (int index = 1; index < 4; index++) {
        if (fork() == 0) {
            sleep_for(0.5 + index / 2.0);
            say("%d", index);
            _exit(0);
        }
    }
    while (wait(NULL) > 0) {}
    say("parent");
}

// The parent waits until the child has ended or called exec.
//   1.000 child
//   1.000 parent
CASE(vfork_sleeps) {
    if (vfork() == 0) {
        sleep_for(1);
        say("child");
        _exit(0);
    }
    say("parent");
}

//   1.000 parent
//   2.000 ended
CASE(vfork_execs) {
    if (vfork() == 0) {
        sleep_for(1);
        execlp("sleep", "sleep", "1", NULL);
        _exit(1);
    }
    say("parent");
    wait(NULL);
    say("ended");
}

//   1.000 ended
CASE(spawned) {
    pid_t child;
    char *words[] = {"sleep", "1", NULL}, *none[] = {NULL};
    posix_spawnp(&child, "sleep", NULL, NULL, words, none);
    wait(NULL);
    say("ended");
}

// Programs whose stack has no room for more than what the kernel puts there: they crash, or run.
//   0.000 all started
// within: 0.3
CASE(hardly_any_stack) {
    char text[150 * 20] = "";
    struct rlimit least = {8192, 8192};
    for (int index = 0; index < 150; index++) {
        pid_t child = fork();
        if (child == 0) {
            setrlimit(RLIMIT_STACK, &least);
            execl("/bin/true", "true", text, NULL);
            _exit(1);
        }
        waitpid(child, NULL, 0);
        memset(text, 'x', 20 * (index + 1) - 1);
    }
    say("all started");
}

// A thread calls exec: it becomes the process, and all others are gone.
static void exec(int unused) {
    (void)unused;
    execl("/bin/sh", "sh", "-c", "echo new; sleep 1; echo slept; exit 3", NULL);
}
//   1.000 new
//   2.000 slept
// exit: 3
CASE(exec_from_thread) {
    thread_after(3, signal_process, SIGKILL);
    thread_after(1, exec, 0);
    sleep_for(5);
}

// The main thread ends first: the process goes on until the last one has.
static void speak(int unused) {
    (void)unused;
    say("last thread");
    sleep_for(1);
    say("ends");
}
//   1.000 last thread
//   2.000 ends
CASE(leader_ends_first) {
    thread_after(1, speak, 0);
    pthread_exit(NULL);
}

//   1.000 last thread
//   2.000 ends
//   2.000 parent: 0
CASE(leader_of_child_ends_first) {
    if (fork() == 0) {
        thread_after(1, speak, 0);
        pthread_exit(NULL);
    }
    int status;
    wait(&status);
    say("parent: %d", exit_code(status));
}

static void end(int code) { exit(code); }
static void say_goodbye(void) { say("goodbye"); }

// A thread ends the process while others sleep.
//   1.000 goodbye
// exit: 5
CASE(thread_exits) {
    atexit(say_goodbye);
    thread_after(10, speak, 0);
    thread_after(1, end, 5);
    sleep_for(10);
}

static const char *change(int status) {
    static char text[30];
    if (WIFSTOPPED(status)) snprintf(text, 30, "stopped by %d", WSTOPSIG(status));
    else if (WIFCONTINUED(status)) return "continued";
    else snprintf(text, 30, "ended: %d", exit_code(status));
    return text;
}

// A child is stopped and continued; it sleeps on to its old deadline.
//   1.000 stopped by 19
//   2.000 continued
//   3.000 awake
//   3.000 ended: 0
CASE(child_stopped) {
    pid_t child = fork();
    if (child == 0) {
        sleep_for(3);
        say("awake");
        _exit(0);
    }
    int status;
    sleep_for(1);
    kill(child, SIGSTOP);
    waitpid(child, &status, WUNTRACED | WCONTINUED);
    say("%s", change(status));
    sleep_for(1);
    kill(child, SIGCONT);
    waitpid(child, &status, WUNTRACED | WCONTINUED);
    say("%s", change(status));
    waitpid(child, &status, WUNTRACED | WCONTINUED);
    say("%s", change(status));
}

// A child that stops itself, which its parent's handler sees.
static void say_child(int signal, siginfo_t *info, void *unused) {
    (void)signal, (void)unused;
    if (info->si_code == CLD_STOPPED) say("handler: stopped");
    if (info->si_code == CLD_CONTINUED) say("handler: continued");
    if (info->si_code == CLD_EXITED) say("handler: exited");
}
//   1.000 handler: stopped
//   2.000 handler: continued
//   3.000 handler: exited
//   4.000 slept
CASE(child_stops_itself) {
    struct sigaction action = {.sa_sigaction = say_child, .sa_flags = SA_SIGINFO};
    sigaction(SIGCHLD, &action, NULL);
    pid_t child = fork();
    if (child == 0) {
        sleep_for(1);
        raise(SIGSTOP);
        sleep_for(1);
        _exit(0);
    }
    double start = now();
    sleep_for(2);
    kill(child, SIGCONT);
    sleep_for(start + 4 - now());
    say("slept");
}

// Stopped, it does nothing: its lines come later.
//   0.500 1
//   1.000 2
//   3.000 3
//   3.500 4
CASE(stopped_while_working) {
    pid_t child = fork();
    if (child == 0) {
        for (int index = 1; index < 5; index++) {
            struct timespec half = timespec(0.5);
            while (nanosleep(&half, &half) == -1) {}
            say("%d", index);
        }
        _exit(0);
    }
    sleep_for(1.2);
    kill(child, SIGSTOP);
    sleep_for(1.8);
    kill(child, SIGCONT);
    wait(NULL);
}

// A stopped process that nobody continues.
//   0.000 stops
// exit: 124
// error: it waits forever
CASE(stopped_for_ever) {
    say("stops");
    raise(SIGSTOP);
    say("goes on");
}

// A stopped child can be killed.
//   1.000 ended: 1009
CASE(killed_while_stopped) {
    pid_t child = fork();
    if (child == 0) {
        raise(SIGSTOP);
        _exit(0);
    }
    int status;
    waitpid(child, &status, WUNTRACED);
    sleep_for(1);
    kill(child, SIGKILL);
    waitpid(child, &status, 0);
    say("%s", change(status));
}

//   1.000 ended: 1009
//   2.000 ended: 1015
CASE(killed) {
    for (int index = 0; index < 2; index++) {
        pid_t child = fork();
        if (child == 0) {
            sleep_for(10);
            _exit(0);
        }
        sleep_for(1);
        kill(child, index == 0 ? SIGKILL : SIGTERM);
        int status;
        waitpid(child, &status, 0);
        say("%s", change(status));
    }
}

// All of a group are killed.
//   1.000 all gone
//   1.000 ended: 1009
CASE(group_killed) {
    int ends[2];
    if (pipe(ends) != 0) abort();
    pid_t leader = fork();
    if (leader == 0) {
        setpgid(0, 0);
        for (int index = 0; index < 2; index++) fork();
        sleep_for(10);
        say("alive");
        _exit(0);
    }
    setpgid(leader, leader);
    close(ends[1]);
    sleep_for(1);
    kill(-leader, SIGKILL);
    char byte;
    if (read(ends[0], &byte, 1) != 0) abort();
    say("all gone");
    int status;
    waitpid(leader, &status, 0);
    say("%s", change(status));
}

// It ends by a signal of its own.
//   1.000 goodbye
// exit: 134
CASE(aborts) {
    sleep_for(1);
    say("goodbye");
    abort();
}

//   1.000 goodbye
// exit: 139
CASE(crashes) {
    sleep_for(1);
    say("goodbye");
    *(volatile int *)argument = *(volatile int *)8;
}

// A child that has ended long before anybody asks.
//   2.000 ended: 3
CASE(zombie) {
    pid_t child = fork();
    if (child == 0) _exit(3);
    sleep_for(2);
    int status;
    waitpid(child, &status, 0);
    say("%s", change(status));
}

// A parent that never asks: its child does not keep the clock from advancing.
//   3.000 slept
CASE(zombie_for_ever) {
    if (fork() == 0) _exit(3);
    sleep_for(3);
    say("slept");
}

// Nobody has to ask.
//   2.000 ECHILD
CASE(children_ignored) {
    signal(SIGCHLD, SIG_IGN);
    child_after(2, nothing, 0);
    say("%s", result(wait(NULL)));
}

// A grandchild goes to whoever adopts it.
//   1.000 grandchild
//   1.000 ended: 4
CASE(adopted) {
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    if (fork() == 0) {
        if (fork() == 0) {
            sleep_for(1);
            say("grandchild");
            _exit(4);
        }
        _exit(0);
    }
    int status;
    wait(&status);
    wait(&status);
    say("%s", change(status));
}

// A daemon: it outlives the program, and nothing of it is left.
//   0.000 parent
CASE(daemon_left) {
    if (fork() == 0) {
        setsid();
        if (fork() == 0) {
            signal(SIGHUP, SIG_IGN);
            sleep_for(1000);
            say("daemon");
        }
        _exit(0);
    }
    wait(NULL);
    say("parent");
}

// A child that outlives it and prints meanwhile.
//   0.500 child
//   1.000 child
//   1.200 parent
CASE(child_left) {
    if (fork() == 0) {
        for (;;) {
            sleep_for(0.5);
            say("child");
        }
    }
    sleep_for(1.2);
    say("parent");
}

static void say_death(int signal) {
    (void)signal;
    say("child: signal");
    _exit(0);
}

// A child dies with its parent's thread.
//   1.000 child: signal
CASE(death_signal) {
    int ends[2];
    if (pipe(ends) != 0) abort();
    if (fork() == 0) {
        if (fork() == 0) {
            signal(SIGUSR1, say_death);
            prctl(PR_SET_PDEATHSIG, SIGUSR1);
            sleep_for(10);
            _exit(0);
        }
        sleep_for(1);
        _exit(0);
    }
    close(ends[1]);
    char byte;
    if (read(ends[0], &byte, 1) != 0) abort();
}

// A child waits for its parent, which waits for it.
//   0.000 waiting
// exit: 124
// error: it waits forever
CASE(waits_for_each_other) {
    int ends[2];
    if (pipe(ends) != 0) abort();
    say("waiting");
    if (fork() == 0) {
        char byte;
        if (read(ends[0], &byte, 1) == 1) _exit(0);
    }
    wait(NULL);
}

//   0.000 pausing
// exit: 124
// error: it waits forever
CASE(pauses) {
    say("pausing");
    pause();
}

// A blocked signal wakes nobody.
//   0.000 waiting
// exit: 124
// error: it waits forever
CASE(waits_for_signal) {
    block(SIGUSR1);
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    say("waiting");
    sigwaitinfo(&set, NULL);
}

// Forty processes sleep for different times.
//   2.050 40 ended, none late
CASE(forty_processes) {
    int late = 0;
    for (int index = 0; index < 40; index++) {
        if (fork() == 0) {
            double start = now(), time = 0.1 + index * 0.05;
            sleep_for(time);
            _exit(fabs(now() - start - time) > 0.05);
        }
    }
    int status;
    while (wait(&status) > 0) late += exit_code(status);
    say(late ? "%d late" : "40 ended, none late", late);
}

static int descend(int depth) {
    if (depth == 0) {
        sleep_for(3);
        return 0;
    }
    if (fork() == 0) _exit(descend(depth - 1));
    int status;
    wait(&status);
    return exit_code(status) + 1;
}

// A chain of parents and children.
//   3.000 10 deep
CASE(chain) { say("%d deep", descend(10)); }

// Three hundred short threads, and then a sleep.
//   1.000 slept
CASE(many_threads) {
    double start = now();
    for (int index = 0; index < 300; index++) pthread_join(thread_after(0, nothing, 0), NULL);
    sleep_for(start + 1 - now());
    say("slept");
}

// The code with which it ends.
//   0.000 ending
// exit: 42
CASE(exits) {
    say("ending");
    exit(42);
}
