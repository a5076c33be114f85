#include "notifier/ws_frame.h"

#include "notifier/transport.h"
#include "tests/lib/test.h"

static const uint8_t mask[4] = { 0x37, 0xfa, 0x21, 0x3d };

/* A client's frame; returns its length. */
static size_t
frame(uint8_t *out, uint8_t first, const void *payload, size_t len)
{
	const uint8_t *bytes = payload;
	size_t at = 0;

	out[at++] = first;
	if (len < 126) {
		out[at++] = (uint8_t)(0x80 | len);
	} else if (len <= 0xffff) {
		out[at++] = 0x80 | 126;
		out[at++] = (uint8_t)(len >> 8);
		out[at++] = (uint8_t)len;
	} else {
		out[at++] = 0x80 | 127;
		for (int shift = 56; shift >= 0; shift -= 8)
			out[at++] = (uint8_t)((uint64_t)len >> shift);
	}
	memcpy(out + at, mask, 4);
	at += 4;
	for (size_t i = 0; i < len; i++)
		out[at + i] = bytes[i] ^ mask[i % 4];
	return at + len;
}

static size_t
text_frame(uint8_t *out, uint8_t first, const char *text)
{
	return frame(out, first, text, strlen(text));
}

/* What is wrong with the bytes, or 0; they are read in steps of step. */
static int
breach_of(const uint8_t *bytes, size_t len, size_t step)
{
	struct ws_parser parser = { 0 };
	static uint8_t copy[256 * 1024];
	size_t end = 0;

	memcpy(copy, bytes, len);
	for (size_t at = 0; at < len;) {
		struct ws_token token;

		if (at == end)
			end = at + step < len ? at + step : len;
		at += ws_parse(&parser, copy + at, end - at, &token);
		if (token.kind == WS_TOKEN_BREACH)
			return token.code;
	}
	return 0;
}

static int
breach(const uint8_t *bytes, size_t len)
{
	int whole = breach_of(bytes, len, len);

	CHECK(breach_of(bytes, len, 1) == whole);
	return whole;
}

#define BREACH(...)                              \
	breach((const uint8_t[]){ __VA_ARGS__ }, \
	    sizeof((const uint8_t[]){ __VA_ARGS__ }))

TEST(the_masked_hello_of_the_rfc_is_read)
{
	uint8_t bytes[] = { 0x81, 0x85, 0x37, 0xfa, 0x21, 0x3d, 0x7f, 0x9f,
		0x4d, 0x51, 0x58 };
	struct ws_parser parser = { 0 };
	struct ws_token token;

	CHECK(ws_parse(&parser, bytes, sizeof(bytes), &token) == sizeof(bytes));
	CHECK(token.kind == WS_TOKEN_TEXT);
	CHECK(token.is_last);
	CHECK(slice_is(token.bytes, "Hello"));
}

TEST(the_unmasked_hello_of_the_rfc_is_written)
{
	static const uint8_t want[] = { 0x81, 0x05, 'H', 'e', 'l', 'l', 'o' };
	struct buf buf;

	buf_init(&buf, 100);
	ws_put_frame(&buf, WS_TEXT, slice_of("Hello"));
	CHECK(buf.len == sizeof(want));
	CHECK(memcmp(buf.data, want, sizeof(want)) == 0);
	buf_done(&buf);
}

TEST(lengths_are_written_in_their_shortest_form)
{
	static const struct {
		size_t len;
		size_t header;
	} cases[] = { { 0, 2 }, { 125, 2 }, { 126, 4 }, { 65535, 4 },
		{ 65536, 10 } };
	static char payload[65536];

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct buf buf;

		buf_init(&buf, 100000);
		ws_put_frame(
		    &buf, WS_TEXT, (struct slice){ payload, cases[i].len });
		CHECK(buf.len == cases[i].header + cases[i].len);
		buf_done(&buf);
	}
}

TEST(lengths_of_every_size_are_read)
{
	static const size_t lengths[] = { 0, 1, 125, 126, 127, 65535, 65536,
		WS_MESSAGE_MAX };
	static uint8_t payload[WS_MESSAGE_MAX], bytes[WS_MESSAGE_MAX + 14];

	memset(payload, 'x', sizeof(payload));
	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		struct ws_parser parser = { 0 };
		struct ws_token token;
		size_t len = frame(bytes, 0x81, payload, lengths[i]);

		CHECK(ws_parse(&parser, bytes, len, &token) == len);
		CHECK(token.kind == WS_TOKEN_TEXT && token.is_last);
		CHECK(token.bytes.len == lengths[i]);
	}
}

TEST(a_message_one_byte_too_long_is_too_big)
{
	static uint8_t payload[WS_MESSAGE_MAX + 1], bytes[WS_MESSAGE_MAX + 16];
	size_t len = frame(bytes, 0x81, payload, sizeof(payload));

	CHECK(breach(bytes, len) == CLOSE_TOO_BIG);
}

TEST(fragments_that_are_too_big_together_are_too_big)
{
	static uint8_t payload[WS_MESSAGE_MAX], bytes[WS_MESSAGE_MAX + 64];
	size_t len;

	memset(payload, 'x', sizeof(payload));
	len = frame(bytes, 0x01, payload, sizeof(payload));
	CHECK(breach(bytes, len) == 0);
	len += text_frame(bytes + len, 0x80, "x");
	CHECK(breach(bytes, len) == CLOSE_TOO_BIG);
}

TEST(the_size_of_one_message_does_not_count_for_the_next)
{
	static uint8_t payload[100 * 1024], bytes[201 * 1024];
	size_t len;

	memset(payload, 'x', sizeof(payload));
	len = frame(bytes, 0x81, payload, sizeof(payload));
	len += frame(bytes + len, 0x81, payload, sizeof(payload));
	CHECK(breach(bytes, len) == 0);
}

TEST(lengths_that_are_not_the_shortest_are_a_breach)
{
	CHECK(BREACH(0x81, 0xfe, 0, 125, 1, 2, 3, 4) == CLOSE_PROTOCOL);
	CHECK(BREACH(0x81, 0xff, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 1, 2, 3, 4) ==
	    CLOSE_PROTOCOL);
	CHECK(BREACH(0x81, 0xff, 0x80, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4) ==
	    CLOSE_PROTOCOL);
}

TEST(a_huge_length_is_too_big)
{
	CHECK(BREACH(0x81, 0xff, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
		  1, 2, 3, 4) == CLOSE_TOO_BIG);
}

TEST(a_frame_without_a_mask_is_a_breach)
{
	CHECK(BREACH(0x81, 0x01, 'x') == CLOSE_PROTOCOL);
	CHECK(BREACH(0x89, 0x00) == CLOSE_PROTOCOL);
}

TEST(every_reserved_bit_is_a_breach)
{
	CHECK(BREACH(0xc1, 0x80, 1, 2, 3, 4) == CLOSE_PROTOCOL);
	CHECK(BREACH(0xa1, 0x80, 1, 2, 3, 4) == CLOSE_PROTOCOL);
	CHECK(BREACH(0x91, 0x80, 1, 2, 3, 4) == CLOSE_PROTOCOL);
}

TEST(every_reserved_opcode_is_a_breach)
{
	for (uint8_t opcode = 0x3; opcode <= 0xf; opcode++) {
		if (opcode >= 0x8 && opcode <= 0xa)
			continue;
		CHECK(BREACH((uint8_t)(0x80 | opcode), 0x80, 1, 2, 3, 4) ==
		    CLOSE_PROTOCOL);
	}
}

TEST(binary_is_not_accepted)
{
	CHECK(BREACH(0x82, 0x80, 1, 2, 3, 4) == CLOSE_UNSUPPORTED);
	CHECK(BREACH(0x02, 0x80, 1, 2, 3, 4) == CLOSE_UNSUPPORTED);
}

TEST(a_continuation_without_a_beginning_is_a_breach)
{
	CHECK(BREACH(0x80, 0x80, 1, 2, 3, 4) == CLOSE_PROTOCOL);
}

TEST(a_new_message_within_another_is_a_breach)
{
	CHECK(BREACH(0x01, 0x80, 1, 2, 3, 4, 0x81, 0x80, 1, 2, 3, 4) ==
	    CLOSE_PROTOCOL);
}

TEST(a_control_frame_in_fragments_is_a_breach)
{
	CHECK(BREACH(0x09, 0x80, 1, 2, 3, 4) == CLOSE_PROTOCOL);
	CHECK(BREACH(0x08, 0x80, 1, 2, 3, 4) == CLOSE_PROTOCOL);
}

TEST(a_control_frame_may_have_125_bytes_and_no_more)
{
	uint8_t payload[126] = { 0 }, bytes[160];

	CHECK(breach(bytes, frame(bytes, 0x89, payload, 125)) == 0);
	CHECK(
	    breach(bytes, frame(bytes, 0x89, payload, 126)) == CLOSE_PROTOCOL);
}

TEST(control_frames_may_come_between_fragments)
{
	uint8_t bytes[100];
	size_t len = text_frame(bytes, 0x01, "Hel");

	len += text_frame(bytes + len, 0x89, "ping");
	len += text_frame(bytes + len, 0x80, "lo");
	CHECK(breach(bytes, len) == 0);
}

TEST(a_code_point_may_be_cut_between_fragments_but_not_at_the_end)
{
	uint8_t bytes[100];
	size_t len = text_frame(bytes, 0x01, "\xf0\x9f");

	CHECK(breach(bytes, len) == 0);
	CHECK(breach(bytes, len + text_frame(bytes + len, 0x80, "\x98\x80")) ==
	    0);
	CHECK(breach(bytes, len + text_frame(bytes + len, 0x80, "\x98")) ==
	    CLOSE_INVALID);
	CHECK(breach(bytes, len + text_frame(bytes + len, 0x80, "x")) ==
	    CLOSE_INVALID);
}

TEST(text_that_is_no_utf8_is_invalid)
{
	static const char *const bad[] = { "\x80", "\xc0\x80", "\xc1\xbf",
		"\xe0\x9f\xbf", "\xed\xa0\x80", "\xf0\x8f\xbf\xbf",
		"\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xff", "a\xc3",
		"\xe2\x82" };
	static const char *const good[] = { "", "x", "\xc2\x80", "\xdf\xbf",
		"\xe0\xa0\x80", "\xed\x9f\xbf", "\xee\x80\x80",
		"\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf" };
	uint8_t bytes[100];

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		CHECK(breach(bytes, text_frame(bytes, 0x81, bad[i])) ==
		    CLOSE_INVALID);
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		CHECK(breach(bytes, text_frame(bytes, 0x81, good[i])) == 0);
}

TEST(a_ping_may_be_anything)
{
	uint8_t bytes[100];

	CHECK(breach(bytes, text_frame(bytes, 0x89, "\xff\x80")) == 0);
}

TEST(a_close_frame_has_no_code_or_a_good_one)
{
	static const uint16_t good[] = { 1000, 1001, 1002, 1003, 1007, 1011,
		1014, 3000, 3999, 4000, 4999 };
	static const uint16_t bad[] = { 0, 999, 1004, 1005, 1006, 1015, 1016,
		1100, 2000, 2999, 5000, 65535 };
	uint16_t code;

	CHECK(ws_close_code(slice_of(""), &code) && code == CLOSE_NONE);
	CHECK(!ws_close_code(slice_of("x"), &code) && code == CLOSE_PROTOCOL);
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		char payload[2] = { (char)(good[i] >> 8), (char)good[i] };

		CHECK(ws_close_code((struct slice){ payload, 2 }, &code));
		CHECK(code == good[i]);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		char payload[2] = { (char)(bad[i] >> 8), (char)bad[i] };

		CHECK(!ws_close_code((struct slice){ payload, 2 }, &code));
		CHECK(code == CLOSE_PROTOCOL);
	}
}

TEST(the_reason_of_a_close_frame_is_utf8)
{
	uint16_t code;

	CHECK(ws_close_code(slice_of("\x03\xe8"
				     "bye"),
	    &code));
	CHECK(code == CLOSE_NORMAL);
	CHECK(!ws_close_code(slice_of("\x03\xe8\xff"), &code));
	CHECK(code == CLOSE_INVALID);
}

TEST_MAIN()
