#include "common/draft.h"

#include <string.h>

#include "common/utf8.h"

const char *
draft_text_problem(const struct config *config, struct slice text)
{
	if (memchr(text.data, '\0', text.len) != NULL || !utf8_is_valid(text))
		return "invalid";
	if (utf8_is_blank(text))
		return "text_empty";
	if (utf8_length(text) > (size_t)config->message_characters)
		return "text_too_long";
	return NULL;
}

const char *
draft_client_id_problem(const struct config *config, struct slice client_id)
{
	if (client_id.len == 0 ||
	    memchr(client_id.data, '\0', client_id.len) != NULL ||
	    !utf8_is_valid(client_id))
		return "invalid";
	if (utf8_length(client_id) > (size_t)config->client_id_max)
		return "too_long";
	return NULL;
}
