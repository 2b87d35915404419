// Programs that deal with somebody outside their run: `argument` is a folder or an address of the
// test's, or the command that the test prepared. Each prints what it would print in real time.

#include "program.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stddef.h>
#include <sys/file.h>
#include <sys/un.h>

static const char *path(const char *name) {
    static char text[200];
    snprintf(text, sizeof text, "%s/%s", argument, name);
    return text;
}

static void say_time(int unused) {
    (void)unused;
    say("other thread");
}

// Waits for one byte, beside a thread that sleeps longer than the byte takes: the clock must not
// jump to that deadline.
static void receive(int descriptor) {
    pthread_t thread = thread_after(2, say_time, 0);
    char byte;
    say("%s", result(read(descriptor, &byte, 1)));
    pthread_join(thread, NULL);
}

static int connected(void) {
    int connection;
    if (*argument == '/' || *argument == '@') {
        struct sockaddr_un address = {.sun_family = AF_UNIX};
        strncpy(address.sun_path, argument, sizeof address.sun_path - 1);
        socklen_t length = sizeof address;
        if (*argument == '@') {
            length = offsetof(struct sockaddr_un, sun_path) + strlen(argument);
            address.sun_path[0] = 0;
        }
        connection = socket(AF_UNIX, SOCK_STREAM, 0);
        if (connect(connection, (struct sockaddr *)&address, length) != 0) abort();
    } else {
        struct sockaddr_in address = {
            .sin_family = AF_INET, .sin_port = htons(atoi(argument)), .sin_addr = {htonl(INADDR_LOOPBACK)}};
        connection = socket(AF_INET, SOCK_STREAM, 0);
        if (connect(connection, (struct sockaddr *)&address, sizeof address) != 0) abort();
    }
    return connection;
}

// The test answers after half a second.
//   0.500 1
//   2.000 other thread
// not believed: talks to another process
CASE(server) { receive(connected()); }

// It connects without waiting.
//   0.500 1
//   2.000 other thread
// not believed: talks to another process
CASE(server_nonblocking) {
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons(atoi(argument)), .sin_addr = {htonl(INADDR_LOOPBACK)}};
    int connection = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    connect(connection, (struct sockaddr *)&address, sizeof address);
    struct pollfd one = {connection, POLLOUT, 0};
    poll(&one, 1, 1000);
    fcntl(connection, F_SETFL, 0);
    receive(connection);
}

// The test connects to it.
//   0.500 accepted
//   2.000 other thread
// not believed: connect
CASE(client) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    snprintf(address.sun_path, sizeof address.sun_path, "%s/listener", argument);
    int listener = socket(AF_UNIX, SOCK_STREAM, 0);
    if (bind(listener, (struct sockaddr *)&address, sizeof address) != 0) abort();
    listen(listener, 1);
    pthread_t thread = thread_after(2, say_time, 0);
    if (accept(listener, NULL, NULL) < 0) abort();
    say("accepted");
    pthread_join(thread, NULL);
}

//   0.500 accepted
//   2.000 other thread
// not believed: connect
CASE(tcp_client) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t length = sizeof address;
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    if (bind(listener, (struct sockaddr *)&address, sizeof address) != 0) abort();
    listen(listener, 1);
    getsockname(listener, (struct sockaddr *)&address, &length);
    pthread_t thread = thread_after(2, say_time, 0);
    int file = open(path("port.new"), O_CREAT | O_WRONLY, 0600);
    dprintf(file, "%d", ntohs(address.sin_port));
    close(file);
    char new[200];
    strcpy(new, path("port.new"));
    rename(new, path("port"));
    if (accept(listener, NULL, NULL) < 0) abort();
    say("accepted");
    pthread_join(thread, NULL);
}

// The test answers each datagram after half a second.
//   0.500 1
//   2.000 other thread
// not believed: talks to another process
CASE(datagram) {
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons(atoi(argument)), .sin_addr = {htonl(INADDR_LOOPBACK)}};
    int peer = socket(AF_INET, SOCK_DGRAM, 0);
    if (sendto(peer, "x", 1, 0, (struct sockaddr *)&address, sizeof address) != 1) abort();
    receive(peer);
}

//   0.500 1
//   2.000 other thread
// not believed: talks to another process
CASE(datagram_connected) {
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons(atoi(argument)), .sin_addr = {htonl(INADDR_LOOPBACK)}};
    int peer = socket(AF_INET, SOCK_DGRAM, 0);
    if (connect(peer, (struct sockaddr *)&address, sizeof address) != 0) abort();
    if (write(peer, "x", 1) != 1) abort();
    receive(peer);
}

// The test opens the other end for writing, and writes after half a second.
//   0.500 1
//   2.000 other thread
// not believed: named pipe
CASE(fifo) { receive(open(path("fifo"), O_RDWR)); }

// Here, opening it is what waits.
//   0.500 open
//   2.000 other thread
// not believed: openat
CASE(fifo_opened) {
    pthread_t thread = thread_after(2, say_time, 0);
    open(path("fifo"), O_RDONLY);
    say("open");
    pthread_join(thread, NULL);
}

static void take(int file, int how) {
    pthread_t thread = thread_after(2, say_time, 0);
    struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    if (how == 0) how = flock(file, LOCK_EX);
    else how = fcntl(file, how, &whole);
    if (how != 0) abort();
    say("locked");
    pthread_join(thread, NULL);
}

// The test holds the lock until half a second after the program has made a file.
static int open_lock(void) {
    close(open(path("begun"), O_CREAT | O_WRONLY, 0600));
    return open(path("lock"), O_RDWR);
}

//   0.500 locked
//   2.000 other thread
// not believed: file lock
CASE(flock_held) { take(open_lock(), 0); }

//   0.500 locked
//   2.000 other thread
// not believed: file lock
CASE(fcntl_held) { take(open_lock(), F_SETLKW); }

//   0.500 locked
//   2.000 other thread
// not believed: file lock
CASE(description_held) { take(open_lock(), F_OFD_SETLKW); }

// It asks again and again.
//   0.500 locked
// not believed: file lock
CASE(flock_tried) {
    int file = open_lock();
    while (flock(file, LOCK_EX | LOCK_NB) != 0) usleep(10000);
    say("locked");
}

// Nobody holds it.
//   1.000 locked
CASE(free_lock) {
    sleep_for(1);
    int file = open(path("lock"), O_RDWR);
    struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    int failed = flock(file, LOCK_EX) != 0 || fcntl(file, F_SETLKW, &whole) != 0;
    say(failed ? "not locked" : "locked");
}

// The test writes to the file after half a second.
//   0.500 set
// not believed: shares memory
CASE(memory) {
    int file = open(path("memory"), O_RDWR);
    volatile int *shared = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    while (*shared == 0) usleep(10000);
    say("set");
}

// It need not write itself.
//   0.500 set
// not believed: shares memory
CASE(memory_read) {
    int file = open(path("memory"), O_RDONLY);
    volatile int *shared = mmap(NULL, 4096, PROT_READ, MAP_SHARED, file, 0);
    while (*shared == 0) usleep(10000);
    say("set");
}

// The test sends a signal half a second after the file is there.
//   0.500 handled
// not believed: sent it
CASE(signalled) {
    handle(SIGUSR1, 0);
    char new[200];
    strcpy(new, path("pid.new"));
    int file = open(new, O_CREAT | O_WRONLY, 0600);
    dprintf(file, "%d", getpid());
    close(file);
    rename(new, path("pid"));
    double start = now();
    while (!handled && now() < start + 10) {}
    say(handled ? "handled" : "nothing came");
}

// The test does not end.
//   1.000 0
// not believed: not its own
CASE(pid_descriptor) {
    struct pollfd one = {syscall(434, atoi(argument), 0), POLLIN, 0};
    say("%s", result(poll(&one, 1, 1000)));
}

// The test's command runs with the permissions of somebody else.
//   0.000 user 65534
// not believed: setuid
CASE(setuid_program) { execl(argument, argument, "user", NULL); }

// What the program above runs.
CASE(user) { say("user %d", geteuid()); }

// A descriptor that it was started with: the test holds the other end.
//   0.500 1
//   2.000 other thread
// not believed: outside
// each: pipe socket
CASE(inherited) { receive(3); }
