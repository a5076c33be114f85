#include "api/topic.h"

#include <strings.h>

struct topic
topic_none(void)
{
	return (struct topic){ .type = slice_of(""), .id = slice_of("") };
}

static bool
starts_with(struct slice text, const char *start)
{
	size_t len = strlen(start);

	return text.len > len && strncasecmp(text.data, start, len) == 0;
}

/* People click on it, so it leads to a page and runs nothing. */
static bool
is_link(struct slice url)
{
	for (size_t i = 0; i < url.len; i++)
		if ((unsigned char)url.data[i] <= ' ')
			return false;
	return starts_with(url, "https://") || starts_with(url, "http://") ||
	    (url.len > 0 && url.data[0] == '/' && !starts_with(url, "//"));
}

enum err
topic_read(
    struct request *req, const struct json *json, struct topic *ret_topic)
{
	struct topic topic = topic_none();
	const struct field fields[] = {
		FIELD_TEXT("type", REQUIRED, 1, TOPIC_TYPE_MAX, &topic.type),
		FIELD_TEXT("id", REQUIRED, 1, TOPIC_ID_MAX, &topic.id),
		FIELD_TEXT("title", NULLABLE, 0, TOPIC_TITLE_MAX, &topic.title),
		FIELD_TEXT("url", NULLABLE, 1, TOPIC_URL_MAX, &topic.url),
	};
	enum err err;

	if (json == NULL) {
		*ret_topic = topic;
		return OK;
	}
	err = fields_read_within(req, "topic", json, fields, FIELDS(fields));
	if (topic.url.data != NULL && !is_link(topic.url))
		problem_add(&req->problems, "topic.url", PROBLEM_INVALID,
		    "A link begins with https://, http:// or /.");
	if (err == OK)
		err = problems_result(&req->problems);
	if (err == OK)
		*ret_topic = topic;
	return err;
}
