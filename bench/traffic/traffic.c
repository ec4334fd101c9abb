// SPDX-License-Identifier: Apache-2.0
/*
 * TCP traffic to tap: MCP calls in HTTP on one connection that stays open, and
 * bulk data. It is as lean as can be, so that what a tap adds stands out.
 *
 *	traffic serve ADDRESS PORT
 *	traffic call ADDRESS PORT REQUEST RESPONSE MILLISECONDS PER_SECOND
 *	traffic compare ADDRESS ADDRESS PORT REQUEST RESPONSE MILLISECONDS
 *	traffic bulk ADDRESS PORT WRITE MILLISECONDS
 *	traffic serve-short ADDRESS PORT
 *	traffic short ADDRESS PORT VERSION MILLISECONDS PER_SECOND
 *
 * `call` prints how many calls it made; `compare` calls one address and the
 * other in turn and prints the median time of each in nanoseconds; `bulk`
 * prints bytes per second as the server counted them. `short` opens a connection
 * for each call, which asks in HTTP/VERSION (1.0 or 1.1) and is closed by the
 * server after its answer; in 1.0 the close alone ends the answer. It prints how
 * many calls were answered and how many it was too late for. Each call has a
 * number of its own, in its arguments and in its result.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <err.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define MAX_MESSAGE	(1 << 20)
#define MAX_CALLS	(1 << 21)

static char message[MAX_MESSAGE + 1], buffer[MAX_MESSAGE];
static uint32_t samples[2][MAX_CALLS];

/* What a client says first; no response: bulk. */
struct hello {
	uint32_t request, response;
};

static uint64_t now_ns(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * 1000000000ull + time.tv_nsec;
}

static void send_all(int fd, const void *data, size_t size)
{
	const char *at = data;

	while (size) {
		ssize_t sent = send(fd, at, size, MSG_NOSIGNAL);

		if (sent < 0)
			err(1, "cannot send");
		at += sent;
		size -= sent;
	}
}

static int receive_all(int fd, void *data, size_t size)
{
	char *at = data;

	while (size) {
		ssize_t received = recv(fd, at, size, 0);

		if (received <= 0)
			return 0;
		at += received;
		size -= received;
	}
	return 1;
}

/* An HTTP message of exactly this size around a JSON-RPC text that is padded to fit. */
static void build_message(const char *start, const char *json, const char *json_end, size_t size)
{
	size_t body = size, head, pad;

	for (int i = 0; i < 3; i++) {
		head = snprintf(message, MAX_MESSAGE, "%sContent-Type: application/json\r\nContent-Length: %zu\r\n\r\n",
				start, body);
		body = size - head;
	}
	if (head + strlen(json) + strlen(json_end) > size)
		errx(1, "%zu bytes are too few for a message", size);
	pad = body - strlen(json) - strlen(json_end);
	memcpy(message + head, json, strlen(json));
	memset(message + head + strlen(json), 'x', pad);
	memcpy(message + head + strlen(json) + pad, json_end, strlen(json_end));
}

static int tcp_socket(const char *address, const char *port, struct sockaddr_in *to)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;

	*to = (struct sockaddr_in){ .sin_family = AF_INET, .sin_port = htons(atoi(port)) };
	if (fd < 0 || inet_pton(AF_INET, address, &to->sin_addr) != 1)
		err(1, "cannot use %s", address);
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	return fd;
}

static int connect_to(const char *address, const char *port, struct hello hello)
{
	struct sockaddr_in to;
	int fd = tcp_socket(address, port, &to);

	if (connect(fd, (struct sockaddr *)&to, sizeof(to)))
		err(1, "cannot connect to %s:%s", address, port);
	send_all(fd, &hello, sizeof(hello));
	return fd;
}

static void answer(int fd)
{
	struct hello hello;
	uint64_t total = 0;
	ssize_t received;

	if (!receive_all(fd, &hello, sizeof(hello)) || hello.request > MAX_MESSAGE ||
	    hello.response > MAX_MESSAGE)
		return;
	if (!hello.response) {
		while ((received = recv(fd, buffer, sizeof(buffer), 0)) > 0)
			total += received;
		send_all(fd, &total, sizeof(total));
		return;
	}
	build_message("HTTP/1.1 200 OK\r\n",
		      "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"content\":[{\"type\":\"text\",\"text\":\"",
		      "\"}],\"isError\":false}}", hello.response);
	while (receive_all(fd, buffer, hello.request))
		send_all(fd, message, hello.response);
}

static void serve(const char *address, const char *port)
{
	struct sockaddr_in at;
	int listener = tcp_socket(address, port, &at), on = 1, fd;

	if (bind(listener, (struct sockaddr *)&at, sizeof(at)) || listen(listener, 8))
		err(1, "cannot listen on %s:%s", address, port);
	while ((fd = accept(listener, NULL, NULL)) >= 0) {
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
		answer(fd);
		close(fd);
	}
}

static int by_size(const void *left, const void *right)
{
	uint32_t a = *(const uint32_t *)left, b = *(const uint32_t *)right;

	return (a > b) - (a < b);
}

static void build_request(size_t size)
{
	build_message("POST /mcp HTTP/1.1\r\nHost: b\r\n",
		      "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\","
		      "\"params\":{\"name\":\"bench\",\"arguments\":{\"t\":\"",
		      "\"}}}", size);
}

/* Returns the time that the call took. */
static uint64_t call_once(int fd, struct hello hello)
{
	uint64_t start = now_ns();

	send_all(fd, message, hello.request);
	if (!receive_all(fd, buffer, hello.response))
		errx(1, "the server is gone");
	return now_ns() - start;
}

static void call(char **argv)
{
	struct hello hello = { atoi(argv[4]), atoi(argv[5]) };
	int fd = connect_to(argv[2], argv[3], hello), per_second = atoi(argv[7]);
	uint64_t start = now_ns(), end = start + atoi(argv[6]) * 1000000ull;
	size_t count = 0;

	build_request(hello.request);
	while (now_ns() < end) {
		uint64_t due = start + count++ * 1000000000ull / per_second;
		struct timespec at = { due / 1000000000ull, due % 1000000000ull };

		clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &at, NULL);
		call_once(fd, hello);
	}
	printf("%zu\n", count);
}

static void compare(char **argv)
{
	struct hello hello = { atoi(argv[5]), atoi(argv[6]) };
	int fds[] = { connect_to(argv[2], argv[4], hello), connect_to(argv[3], argv[4], hello) };
	uint64_t end = now_ns() + atoi(argv[7]) * 1000000ull;
	size_t pairs = 0;

	build_request(hello.request);
	for (; now_ns() < end && pairs < MAX_CALLS; pairs++) {
		/* Neither is always the first: who comes after what may matter. */
		int first = rand() & 1;

		samples[first][pairs] = call_once(fds[first], hello);
		samples[!first][pairs] = call_once(fds[!first], hello);
	}
	for (int i = 0; i < 2; i++)
		qsort(samples[i], pairs, sizeof(samples[i][0]), by_size);
	printf("%u %u\n", samples[0][pairs / 2], samples[1][pairs / 2]);
}

/* Where the HTTP message in the buffer ends by its Content-Length; 0: further on. */
static size_t message_end(size_t received)
{
	char *body, *length;

	buffer[received] = 0;
	body = strstr(buffer, "\r\n\r\n");
	length = strcasestr(buffer, "\r\nContent-Length:");
	if (!body || !length)
		return 0;
	body += 4;
	return received >= body - buffer + strtoul(length + 17, NULL, 10) ?
		       body - buffer + strtoul(length + 17, NULL, 10) : 0;
}

static void answer_short(int fd)
{
	size_t received = 0, head;
	ssize_t count;
	char *number, json[256], answer[512];

	while (!message_end(received)) {
		count = recv(fd, buffer + received, sizeof(buffer) - 1 - received, 0);
		if (count <= 0)
			return;
		received += count;
	}
	number = strstr(buffer, "\"n\":");
	snprintf(json, sizeof(json),
		 "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":"
		 "{\"content\":[{\"type\":\"text\",\"text\":\"%ld\"}],\"isError\":false}}",
		 number ? strtol(number + 4, NULL, 10) : -1);
	if (strstr(buffer, "HTTP/1.0"))
		head = snprintf(answer, sizeof(answer),
				"HTTP/1.0 200 OK\r\nContent-Type: application/json\r\n\r\n%s", json);
	else
		head = snprintf(answer, sizeof(answer),
				"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
				"Content-Length: %zu\r\nConnection: close\r\n\r\n%s",
				strlen(json), json);
	send_all(fd, answer, head);
}

static void serve_short(const char *address, const char *port)
{
	struct sockaddr_in at;
	int listener = tcp_socket(address, port, &at), fd;

	if (bind(listener, (struct sockaddr *)&at, sizeof(at)) || listen(listener, 1024))
		err(1, "cannot listen on %s:%s", address, port);
	while ((fd = accept(listener, NULL, NULL)) >= 0) {
		answer_short(fd);
		close(fd);
	}
}

/* One call over a connection of its own; the server ends it. Was it answered? */
static int call_short(const char *address, const char *port, const char *version, size_t number)
{
	char json[256], request[512], *text;
	size_t received = 0, size;
	struct sockaddr_in to;
	int fd = tcp_socket(address, port, &to);
	ssize_t count;

	if (connect(fd, (struct sockaddr *)&to, sizeof(to)))
		err(1, "cannot connect to %s:%s", address, port);
	snprintf(json, sizeof(json),
		 "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\","
		 "\"params\":{\"name\":\"short\",\"arguments\":{\"n\":%zu}}}",
		 number);
	size = snprintf(request, sizeof(request),
			"POST /mcp HTTP/%s\r\nHost: b\r\nContent-Type: application/json\r\n"
			"Accept: application/json, text/event-stream\r\n"
			"Content-Length: %zu\r\nConnection: close\r\n\r\n%s",
			version, strlen(json), json);
	send_all(fd, request, size);
	while ((count = recv(fd, buffer + received, sizeof(buffer) - 1 - received, 0)) > 0)
		received += count;
	close(fd);
	buffer[received] = 0;
	text = strstr(buffer, "\"text\":\"");
	return text && strtoul(text + 8, NULL, 10) == number;
}

static void call_in_short(char **argv)
{
	int per_second = atoi(argv[6]);
	uint64_t start = now_ns(), end = start + atoll(argv[5]) * 1000000ull, due;
	size_t count = 0, answered = 0, late = 0;

	while ((due = start + count * 1000000000ull / per_second) < end) {
		struct timespec at = { due / 1000000000ull, due % 1000000000ull };

		/* More than a second behind: the rate is not what was asked for. */
		late += now_ns() > due + 1000000000ull;
		clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &at, NULL);
		answered += call_short(argv[2], argv[3], argv[4], count++);
	}
	printf("%zu %zu\n", answered, late);
}

static void bulk(char **argv)
{
	size_t size = atoi(argv[4]);
	int fd = connect_to(argv[2], argv[3], (struct hello){ 1, 0 });
	uint64_t start = now_ns(), end = start + atoi(argv[5]) * 1000000ull, total;

	if (size > MAX_MESSAGE)
		errx(1, "writes of %d bytes at most", MAX_MESSAGE);
	while (now_ns() < end)
		send_all(fd, message, size);
	shutdown(fd, SHUT_WR);
	if (!receive_all(fd, &total, sizeof(total)))
		errx(1, "the server is gone");
	printf("%f\n", total / ((now_ns() - start) / 1e9));
}

int main(int argc, char **argv)
{
	if (argc == 4 && !strcmp(argv[1], "serve"))
		serve(argv[2], argv[3]);
	else if (argc == 8 && !strcmp(argv[1], "call"))
		call(argv);
	else if (argc == 8 && !strcmp(argv[1], "compare"))
		compare(argv);
	else if (argc == 6 && !strcmp(argv[1], "bulk"))
		bulk(argv);
	else if (argc == 4 && !strcmp(argv[1], "serve-short"))
		serve_short(argv[2], argv[3]);
	else if (argc == 7 && !strcmp(argv[1], "short"))
		call_in_short(argv);
	else
		errx(2, "usage: see the top of traffic.c");
	return 0;
}
