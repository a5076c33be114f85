#include "api/profile.h"

#include <string.h>

#include "common/utf8.h"

/* Names that mean somebody or something else in a sentence or an address. */
static const char *const reserved[] = { "abuse", "admin", "administrator",
	"all", "anonymous", "api", "bot", "channel", "current", "everybody",
	"everyone", "group", "help", "here", "host", "info", "me", "moderator",
	"nobody", "null", "owner", "postmaster", "root", "security", "self",
	"somebody", "someone", "staff", "support", "system", "team", "tidings",
	"undefined", "user", "users", "webmaster", "you" };

struct slice
profile_fold(struct arena *arena, struct slice text)
{
	char *folded = arena_strndup(arena, text.data, text.len);

	for (size_t i = 0; i < text.len; i++)
		if (folded[i] >= 'A' && folded[i] <= 'Z')
			folded[i] = (char)(folded[i] | 0x20);
	return (struct slice){ folded, text.len };
}

static bool
is_plain(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

bool
profile_is_username(struct slice text)
{
	if (text.len == 0 || text.len > USERNAME_MAX ||
	    !is_plain(text.data[0]) || !is_plain(text.data[text.len - 1]))
		return false;
	for (size_t i = 0; i < text.len; i++)
		if (!is_plain(text.data[i]) &&
		    memchr("._-", text.data[i], 3) == NULL)
			return false;
	return true;
}

void
profile_check_username(struct request *req, struct slice *username)
{
	if (username->data == NULL)
		return;
	*username = profile_fold(req->arena, *username);
	if (!profile_is_username(*username)) {
		problem_add(&req->problems, "username", PROBLEM_INVALID,
		    "A username is made of letters, digits, '.', '_' and '-',"
		    " and begins and ends with a letter or digit.");
		return;
	}
	for (size_t i = 0; i < sizeof(reserved) / sizeof(reserved[0]); i++)
		if (slice_is(*username, reserved[i]))
			problem_add(&req->problems, "username",
			    PROBLEM_USERNAME_RESERVED, NULL);
}

static bool
has_control(struct slice text)
{
	for (size_t i = 0; i < text.len; i++)
		if ((unsigned char)text.data[i] < 0x20 || text.data[i] == 0x7f)
			return true;
	return false;
}

void
profile_check_name(struct request *req, struct slice name)
{
	if (name.data == NULL)
		return;
	if (utf8_is_blank(name) || has_control(name))
		problem_add(&req->problems, "name", PROBLEM_INVALID,
		    "A name has something to be seen, and no line break.");
}

void
profile_check_email(struct request *req, struct slice email)
{
	const char *at;
	size_t before;

	if (email.len == 0)
		return;
	at = memchr(email.data, '@', email.len);
	before = at == NULL ? 0 : (size_t)(at - email.data);
	if (before == 0 || before + 1 == email.len || has_control(email) ||
	    memchr(email.data, ' ', email.len) != NULL ||
	    memchr(at + 1, '@', email.len - before - 1) != NULL)
		problem_add(&req->problems, "email", PROBLEM_INVALID,
		    "This is no mail address.");
}
