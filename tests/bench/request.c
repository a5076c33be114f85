#include "tests/bench/request.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <strings.h>

#include "common/alloc.h"
#include "tests/bench/machine.h"

#define STATUS_AT 9 /* behind "HTTP/1.1 " */

static void
put(struct buf *buf, const char *text, struct slice value)
{
	const char *star = strchr(text, '*');

	if (star == NULL) {
		buf_text(buf, text);
		return;
	}
	buf_raw(buf, text, (size_t)(star - text));
	buf_raw(buf, value.data, value.len);
	buf_text(buf, star + 1);
}

static void
put_head(struct buf *buf, const char *method, const char *path,
    const struct seat *seat)
{
	struct buf id;

	buf_init(&id, REQUEST_MAX);
	buf_u64(&id, seat->conversation_id);
	buf_text(buf, method);
	put(buf, path, (struct slice){ id.data, id.len });
	buf_text(buf, " HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer ");
	buf_text(buf, seat->token);
	buf_text(buf, "\r\n");
	buf_done(&id);
}

void
request_get(struct buf *buf, const char *path, const char *headers,
    const struct seat *seat)
{
	put_head(buf, "GET ", path, seat);
	buf_text(buf, headers);
	buf_text(buf, "\r\n");
}

void
request_post(struct buf *buf, const char *path, const char *body,
    struct slice text, const struct seat *seat)
{
	size_t len = strlen(body);

	if (strchr(body, '*') != NULL)
		len += text.len - 1;
	put_head(buf, "POST ", path, seat);
	buf_text(buf, "Content-Type: application/json\r\nContent-Length: ");
	buf_u64(buf, len);
	buf_text(buf, "\r\n\r\n");
	put(buf, body, text);
}

/* The value of a header, to the end of the head; NULL: it has none. */
static const char *
header(struct slice head, const char *name)
{
	const char *at = head.data, *end = head.data + head.len;

	while ((at = memchr(at, '\n', (size_t)(end - at))) != NULL) {
		at++;
		if ((size_t)(end - at) > strlen(name) &&
		    strncasecmp(at, name, strlen(name)) == 0)
			return at + strlen(name);
	}
	return NULL;
}

bool
request_body(struct slice bytes, struct slice *ret_body)
{
	const char *end = memmem(bytes.data, bytes.len, "\r\n\r\n", 4);
	struct slice head = { .data = bytes.data };
	const char *value;
	size_t len = 0;

	if (end == NULL)
		return false;
	head.len = (size_t)(end - bytes.data) + 4;
	value = header(head, "content-length:");
	if (value != NULL)
		len = (size_t)strtoul(value, NULL, 10);
	if (len > bytes.len - head.len)
		return false;
	*ret_body = (struct slice){ head.data + head.len, len };
	return true;
}

size_t
answer_length(struct slice bytes, int *ret_status, bool *ret_close)
{
	static const char last[] = "\r\n0\r\n\r\n";
	const char *end = memmem(bytes.data, bytes.len, "\r\n\r\n", 4);
	struct slice head = { .data = bytes.data };
	const char *value;
	size_t len;

	if (end == NULL)
		return 0;
	head.len = (size_t)(end - bytes.data) + 4;
	*ret_status = (int)strtol(bytes.data + STATUS_AT, NULL, 10);
	value = header(head, "connection:");
	*ret_close = value != NULL && strncasecmp(value, " close", 6) == 0;
	value = header(head, "content-length:");
	if (value != NULL) {
		len = head.len + (size_t)strtoul(value, NULL, 10);
		return len <= bytes.len ? len : 0;
	}
	/* In chunks, then; an answer is alone on its connection. */
	end = memmem(
	    end, bytes.len - (size_t)(end - bytes.data), last, strlen(last));
	return end == NULL ? 0 : bytes.len;
}

struct sockaddr_in
address_parse(const char *text)
{
	struct sockaddr_in address = { .sin_family = AF_INET };
	const char *colon = strchr(text, ':');
	char *host;

	if (colon == NULL)
		machine_die("'%s' is no ADDRESS:PORT", text);
	host = must_strdup(text);
	host[colon - text] = '\0';
	address.sin_port = htons((uint16_t)strtoul(colon + 1, NULL, 10));
	if (inet_pton(AF_INET, host, &address.sin_addr) != 1)
		machine_die("'%s' is no ADDRESS:PORT", text);
	free(host);
	return address;
}
