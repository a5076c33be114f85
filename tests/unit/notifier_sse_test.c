#include "notifier/transport.h"

#include "tests/lib/test.h"

static const char *
written(struct buf *buf)
{
	buf_raw(buf, "", 1);
	return buf->data;
}

TEST(an_event_has_its_id_its_type_and_its_data)
{
	struct buf buf;

	buf_init(&buf, 1000);
	transport_sse.put_event(
	    &buf, slice_of("chat_message"), 42, slice_of("{\"no\":1}"));
	CHECK_STR(
	    written(&buf), "id: 42\nevent: chat_message\ndata: {\"no\":1}\n\n");
	buf_done(&buf);
}

TEST(the_start_of_the_log_is_an_id_too)
{
	struct buf buf;

	buf_init(&buf, 1000);
	transport_sse.put_event(&buf, slice_of("hello"), 0, slice_of("{}"));
	CHECK_STR(written(&buf), "id: 0\nevent: hello\ndata: {}\n\n");
	buf_done(&buf);
}

TEST(what_is_of_the_moment_has_no_id)
{
	struct buf buf;

	buf_init(&buf, 1000);
	transport_sse.put_event(
	    &buf, slice_of("typing"), EVENT_ID_NONE, slice_of("{}"));
	CHECK_STR(written(&buf), "event: typing\ndata: {}\n\n");
	buf_done(&buf);
}

TEST(a_line_break_in_the_data_cannot_end_the_event)
{
	struct buf buf;

	buf_init(&buf, 1000);
	transport_sse.put_event(
	    &buf, slice_of("x"), EVENT_ID_NONE, slice_of("{\n\n\r}"));
	CHECK_STR(
	    written(&buf), "event: x\ndata: {\ndata: \ndata: \ndata: }\n\n");
	buf_done(&buf);
}

TEST(a_heartbeat_is_a_comment)
{
	struct buf buf;

	buf_init(&buf, 1000);
	transport_sse.put_heartbeat(&buf);
	CHECK_STR(written(&buf), ": heartbeat\n\n");
	buf_done(&buf);
}

TEST_MAIN()
