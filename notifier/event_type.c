#include "notifier/event_type.h"

#include <stddef.h>

static const char *const names[] = {
	"hello",
	"presence_state",
	"chat_message",
	"message_edited",
	"message_deleted",
	"message_pinned",
	"message_reaction",
	"message_read",
	"message_delivered",
	"notification_count_update",
	"conversation_refresh",
	"user_updated",
	"notification",
	"member_joined",
	"member_left",
	"member_changed",
	"conversation_updated",
	"file_uploaded",
	"file_updated",
	"file_deleted",
	"file_comment",
	"typing",
	"presence",
	"session_ended",
	"resync",
};

#define COUNT (sizeof(names) / sizeof(names[0]))

/* One bit is left, so that no list of names is EVENT_TYPES_ALL. */
_Static_assert(COUNT < 32, "a bit for each type");

uint32_t
event_type_bit(struct slice name)
{
	for (size_t i = 0; i < COUNT; i++)
		if (slice_is(name, names[i]))
			return UINT32_C(1) << i;
	return 0;
}

enum err
event_types_parse(struct slice list, uint32_t *ret_types)
{
	uint32_t types = 0;

	while (true) {
		const char *comma = memchr(list.data, ',', list.len);
		struct slice name = list;
		uint32_t bit;

		if (comma != NULL)
			name.len = (size_t)(comma - list.data);
		bit = event_type_bit(name);
		if (bit == 0)
			return ERR_INVALID;
		types |= bit;
		if (comma == NULL)
			break;
		list.data = comma + 1;
		list.len -= name.len + 1;
	}
	*ret_types = types;
	return OK;
}
