/* A cheap SMTP server for measuring senders: takes everything, keeps nothing, counts.

   cc -O2 -o sink sink.c && ./sink [DELAY_MS [slow]]

   Listens on loopback at a free port and prints it.  Offers PIPELINING, SIZE, 8BITMIME and CHUNKING.  With a delay,
   what it answers to some bytes leaves so long after they came, as from a server that far away.  Where it is slow, the
   first connection that has asked to send a content is read a byte a second from then on.  On SIGTERM it prints how
   many messages it took.  */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

enum { MOST = 4096, ROOM = 1 << 18, ANSWER = 1 << 14 };
enum mode { COMMANDS, CONTENT, CHUNK };

struct session {
    enum mode mode;
    long left;          /* of a chunk, in bytes */
    int last;           /* it is the last chunk */
    int matched;        /* of "\r\n.\r\n", so far */
    char line[2048];
    int length;
};

struct answer {         /* one that waits for its time */
    double due;
    int fd, size;
    struct answer *next;
    char text[];
};

static struct session *sessions[MOST];
static struct answer *first, **end = &first;
static double delay, next_byte;
static int slow, crawling = -1;  /* the connection that is read by the byte */
static long messages;
static volatile sig_atomic_t stopped;

static double seconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec + now.tv_nsec / 1e9;
}

static void stop(int number) { (void)number; stopped = 1; }

static void forget(int fd) {
    close(fd);
    free(sessions[fd]);
    sessions[fd] = NULL;
}

static void say(int fd, const char *text, int size) {
    if (!size) return;
    if (delay <= 0) {
        if (write(fd, text, size) < 0) return;
        return;
    }
    struct answer *one = malloc(sizeof *one + size);
    *one = (struct answer){ .due = seconds() + delay, .fd = fd, .size = size };
    memcpy(one->text, text, size);
    *end = one;
    end = &one->next;
}

static void say_what_is_due(void) {
    for (double now = seconds(); first && first->due <= now;) {
        struct answer *one = first;
        first = one->next;
        if (!first) end = &first;
        if (sessions[one->fd] && write(one->fd, one->text, one->size) < 0) forget(one->fd);
        free(one);
    }
}

static int is(const char *line, const char *verb) { return !strncasecmp(line, verb, strlen(verb)); }

/* The answer to one command, and what it makes of the session; -1: goodbye. */
static const char *answer(struct session *one) {
    const char *line = one->line;
    if (is(line, "EHLO")) return "250-sink\r\n250-PIPELINING\r\n250-SIZE 52428800\r\n250-8BITMIME\r\n250 CHUNKING\r\n";
    if (is(line, "HELO")) return "250 sink\r\n";
    if (is(line, "DATA")) { one->mode = CONTENT; one->matched = 2; return "354 go on\r\n"; }
    if (is(line, "BDAT")) {
        char word[8] = "";
        if (sscanf(line + 4, "%ld %7s", &one->left, word) < 1) return "501 how much?\r\n";
        one->last = is(word, "LAST");
        one->mode = CHUNK;
        return one->left ? "" : (messages++, one->mode = COMMANDS, "250 taken\r\n");
    }
    if (is(line, "QUIT")) return NULL;
    return "250 ok\r\n";
}

/* How much of the content lies in these bytes; whether it ends there. */
static int content(struct session *one, const char *bytes, int size, int *ended) {
    static const char dot[] = "\r\n.\r\n";
    for (int at = 0; at < size; at++) {
        if (one->matched == 0) {
            const char *next = memchr(bytes + at, '\r', size - at);
            if (!next) return size;
            at = next - bytes;
        }
        if (bytes[at] == dot[one->matched]) {
            if (++one->matched == 5) { *ended = 1; return at + 1; }
        } else {
            one->matched = bytes[at] == '\r';
        }
    }
    return size;
}

static int ready_to_crawl(int fd) {
    return slow && crawling < 0 && sessions[fd]->mode != COMMANDS;
}

/* 0: the connection goes on. */
static int take(int fd, const char *bytes, int size) {
    struct session *one = sessions[fd];
    char said[ANSWER];
    int length = 0, bye = 0;
    for (int at = 0; at < size && !bye;) {
        const char *reply = "";
        if (one->mode == CONTENT) {
            int ended = 0;
            at += content(one, bytes + at, size - at, &ended);
            if (ended) { one->mode = COMMANDS; messages++; reply = "250 taken\r\n"; }
        } else if (one->mode == CHUNK) {
            int some = size - at < one->left ? size - at : (int)one->left;
            at += some;
            one->left -= some;
            if (!one->left) { one->mode = COMMANDS; messages += one->last; reply = "250 taken\r\n"; }
        } else {
            const char *line = bytes + at, *newline = memchr(line, '\n', size - at);
            int some = newline ? (int)(newline - line) + 1 : size - at;
            if (one->length + some >= (int)sizeof one->line) return -1;
            memcpy(one->line + one->length, line, some);
            one->length += some;
            at += some;
            if (newline) {
                one->line[one->length] = 0;
                one->length = 0;
                reply = answer(one);
                if (!reply) { reply = "221 bye\r\n"; bye = 1; }
            }
        }
        int more = strlen(reply);
        if (length + more > ANSWER) { say(fd, said, length); length = 0; }
        memcpy(said + length, reply, more);
        length += more;
    }
    say(fd, said, length);
    return bye && delay <= 0 ? -1 : 0;
}

int main(int count, char **words) {
    static char bytes[ROOM];
    delay = count > 1 ? atof(words[1]) / 1000 : 0;
    slow = count > 2 && !strcmp(words[2], "slow");
    signal(SIGPIPE, SIG_IGN);
    signal(SIGTERM, stop);
    signal(SIGINT, stop);
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), on = 1;
    struct sockaddr_in here = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t size = sizeof here;
    if (bind(listener, (void *)&here, size) || listen(listener, 1024)) { perror("sink"); return 1; }
    getsockname(listener, (void *)&here, &size);
    printf("%d\n", ntohs(here.sin_port));
    fflush(stdout);
    int poll = epoll_create1(0);
    epoll_ctl(poll, EPOLL_CTL_ADD, listener, &(struct epoll_event){ .events = EPOLLIN, .data.fd = listener });
    while (!stopped) {
        struct epoll_event events[256];
        int wait = -1;
        if (first) {
            double left = first->due - seconds();
            wait = left <= 0 ? 0 : (int)(left * 1000) + 1;
        }
        if (crawling >= 0 && (wait < 0 || wait > 1000)) wait = 1000;
        int ready = epoll_wait(poll, events, 256, wait);
        if (crawling >= 0 && next_byte <= seconds()) {
            next_byte = seconds() + 1;
            int got = read(crawling, bytes, 1);
            if (got == 1) take(crawling, bytes, 1);
        }
        say_what_is_due();
        for (int each = 0; each < ready; each++) {
            int fd = events[each].data.fd;
            if (fd == listener) {
                int peer;
                while ((peer = accept4(listener, NULL, NULL, SOCK_NONBLOCK)) >= 0) {
                    if (peer >= MOST) { close(peer); continue; }
                    setsockopt(peer, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
                    sessions[peer] = calloc(1, sizeof(struct session));
                    epoll_ctl(poll, EPOLL_CTL_ADD, peer, &(struct epoll_event){ .events = EPOLLIN, .data.fd = peer });
                    say(peer, "220 sink\r\n", 10);
                }
                continue;
            }
            if (!sessions[fd]) continue;
            int got = read(fd, bytes, ROOM);
            if (got < 0 && (errno == EAGAIN || errno == EINTR)) continue;
            if (got <= 0 || take(fd, bytes, got)) { forget(fd); continue; }
            if (ready_to_crawl(fd)) {
                crawling = fd;
                epoll_ctl(poll, EPOLL_CTL_DEL, fd, NULL);
            }
        }
    }
    printf("%ld\n", messages);
    return 0;
}
