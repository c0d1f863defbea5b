// SPDX-License-Identifier: Apache-2.0
/* Answers each connection with the line that it received, and its number of bytes: echo-server [PORT]
 *
 * Listens on the loopback addresses only. Exits with 0 on TERM and INT. It needs handlers for both, because the first
 * process of a container receives only signals that it handles.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { DEFAULT_PORT = 3333, LONGEST = 4096 };

static void end(int signal) {
  (void)signal;
  _exit(0);
}

/* Returns a socket that listens on a loopback address, or -1 if the host does not have that address family. */
static int listen_on(int family, int port) {
  int on = 1, fd = socket(family, SOCK_STREAM, 0);
  struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr = {htonl(INADDR_LOOPBACK)}};
  struct sockaddr_in6 v6 = {.sin6_family = AF_INET6, .sin6_port = htons(port), .sin6_addr = IN6ADDR_LOOPBACK_INIT};
  if (fd < 0)
    return -1;
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  const struct sockaddr *address = family == AF_INET ? (void *)&v4 : (void *)&v6;
  if (bind(fd, address, family == AF_INET ? sizeof v4 : sizeof v6) != 0 || listen(fd, 16) != 0) {
    close(fd);
    return -1;
  }
  return fd;
}

/* Reads one line, or the bytes before the end of the stream or the limit. */
static void answer(int client) {
  char text[LONGEST + 1];
  size_t length = 0;
  while (length < LONGEST && !memchr(text, '\n', length)) {
    ssize_t got = read(client, text + length, LONGEST - length);
    if (got <= 0)
      break;
    length += (size_t)got;
  }
  text[length] = '\0';
  dprintf(client, "%zu bytes received: %s%s", length, text, length && text[length - 1] == '\n' ? "" : "\n");
  printf("answered %zu bytes\n", length);
}

int main(int count, char **arguments) {
  int port = count > 1 ? atoi(arguments[1]) : DEFAULT_PORT;
  struct sigaction ending = {.sa_handler = end};
  sigaction(SIGTERM, &ending, NULL);
  sigaction(SIGINT, &ending, NULL);
  signal(SIGPIPE, SIG_IGN);
  setvbuf(stdout, NULL, _IOLBF, 0);
  if (port < 1 || port > 65535) {
    fprintf(stderr, "echo-server: '%s' is no port\n", arguments[1]);
    return 2;
  }
  struct pollfd sockets[] = {{listen_on(AF_INET, port), POLLIN, 0}, {listen_on(AF_INET6, port), POLLIN, 0}};
  if (sockets[0].fd < 0 && sockets[1].fd < 0) {
    fprintf(stderr, "echo-server: cannot listen on port %d: %s\n", port, "it is taken");
    return 1;
  }
  printf("listening on port %d\n", port);
  for (;;) {
    if (poll(sockets, 2, -1) < 0)
      continue;
    for (int i = 0; i < 2; i++) {
      if (sockets[i].revents & POLLIN) {
        int client = accept(sockets[i].fd, NULL, NULL);
        if (client >= 0) {
          answer(client);
          close(client);
        }
      }
    }
  }
}
