// What is printed, and when.

#include "program.h"

static void print(const char *text) {
    if (write(1, text, strlen(text)) < 0) abort();
}

// A line that is written just before a sleep has the time before it.
//   0.000 before
//   1.000 between
//   2.000 after
CASE(before_sleep) {
    say("before");
    sleep_for(1);
    say("between");
    sleep_for(1);
    say("after");
}

// Lines of one moment keep their order.
//   1.000 one
//   1.000 two
//   1.000 three
CASE(same_instant) {
    sleep_for(1);
    print("one\ntwo\n");
    say("three");
}

// So do those of two processes that notify each other.
//   1.000 child
//   1.000 parent
CASE(same_instant_of_two) {
    if (fork() == 0) {
        sleep_for(1);
        say("child");
        _exit(0);
    }
    wait(NULL);
    say("parent");
}

// A line in parts has the time of its last text.
//   2.000 one two
//   3.000 three
CASE(in_parts) {
    print("one ");
    sleep_for(2);
    print("two");
    sleep_for(1);
    print("\nthree\n");
}

// A prompt without a line feed, and another line after it.
//   0.000 name? 
//   1.000 unfinished
CASE(prompt) {
    print("name? ");
    sleep_for(1);
    print("\nunfinished");
}

// It is a terminal, so a line comes when it is printed.
//   0.000 is a terminal
//   0.000 buffered
//   1.000 and this
CASE(terminal) {
    printf("is %s\n", isatty(1) ? "a terminal" : "no terminal");
    printf("buffered\n");
    sleep(1);
    printf("and this\n");
}

// Until it is flushed, it is not printed.
//   2.000 in the buffer
//   2.000 flushed
CASE(buffered) {
    setvbuf(stdout, NULL, _IOFBF, 4096);
    printf("in the buffer\n");
    sleep(2);
    printf("flushed\n");
}

// Standard error has lines of its own.
//   1.000 output
// error: error one
// error: error two
CASE(both_streams) {
    usleep(500000);
    fprintf(stderr, "error one\n");
    usleep(500000);
    say("output");
    fprintf(stderr, "error two\n");
}

// A thousand lines at once, then a sleep.
//   1.000 slept
CASE(flood_of_errors) {
    for (int index = 0; index < 1000; index++) fprintf(stderr, "error %d\n", index);
    sleep_for(1);
    say("slept");
}

// Nothing at all.
CASE(silent) { sleep_for(1); }

// It closes its output, and goes on.
//   0.000 closing
// exit: 3
CASE(closes_output) {
    say("closing");
    close(1);
    close(2);
    sleep_for(2);
    _exit(3);
}

// Colors stay.
//   1.000 [31mred[0m
CASE(colors) {
    sleep_for(1);
    say("\033[31mred\033[0m");
}
