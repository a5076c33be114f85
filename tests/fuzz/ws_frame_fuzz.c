/*
 * WebSocket frames from anybody: however the bytes are cut into pieces, what
 * they say is the same, and what is handed out is well-formed.
 */
#include "notifier/ws_frame.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "common/utf8.h"

/* All that a parser handed out, written down. */
struct record {
	struct buf bytes; /* a letter for the kind, then the bytes, unmarked */
	struct buf text;  /* of the message being read */
	uint16_t code;    /* of a breach; 0: none */
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void
note(struct record *record, const struct ws_token *token)
{
	char kind = (char)('0' + token->kind);

	for (size_t i = 0; i < token->bytes.len; i++) {
		buf_raw(&record->bytes, &kind, 1);
		buf_raw(&record->bytes, token->bytes.data + i, 1);
	}
	if (token->is_last)
		buf_raw(&record->bytes, "|", 1);
	if (token->kind == WS_TOKEN_BREACH)
		record->code = token->code;
	if (token->kind != WS_TOKEN_TEXT)
		return;
	buf_raw(&record->text, token->bytes.data, token->bytes.len);
	assert(buf_ok(&record->text));
	if (!token->is_last)
		return;
	assert(utf8_is_valid(
	    (struct slice){ record->text.data, record->text.len }));
	buf_clear(&record->text);
}

/* Step 0: all at once. */
static void
parse(const uint8_t *data, size_t len, size_t step, struct record *record)
{
	struct ws_parser parser = { 0 };
	uint8_t *copy = malloc(len + 1);

	if (len > 0)
		memcpy(copy, data, len);
	for (size_t at = 0; at < len && record->code == 0;) {
		size_t end = step == 0 || at + step > len ? len : at + step;
		struct ws_token token;

		do {
			size_t used = ws_parse(
			    &parser, copy + at, end - at, &token);

			assert(used <= end - at);
			at += used;
			note(record, &token);
		} while (token.kind != WS_TOKEN_MORE &&
		    token.kind != WS_TOKEN_BREACH);
		assert(token.kind == WS_TOKEN_BREACH || at == end);
	}
	free(copy);
}

static bool
same(const struct buf *a, const struct buf *b)
{
	return a->len == b->len &&
	    (a->len == 0 || memcmp(a->data, b->data, a->len) == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static const size_t steps[] = { 0, 1, 2, 3, 7, 64 };
	struct record first = { 0 };

	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		struct record record = { 0 };

		buf_init(&record.bytes, 4 * 1024 * 1024);
		buf_init(&record.text, WS_MESSAGE_MAX);
		parse(data, len, steps[i], &record);
		if (i == 0) {
			first = record;
			continue;
		}
		assert(record.code == first.code);
		/* A breach is found as soon as it can be, so the bytes right
		   before it may have been handed out or not. */
		assert(record.code != 0 || same(&record.bytes, &first.bytes));
		buf_done(&record.bytes);
		buf_done(&record.text);
	}
	buf_done(&first.bytes);
	buf_done(&first.text);
	return 0;
}
