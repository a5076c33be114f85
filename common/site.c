#include "common/site.h"

#include <arpa/inet.h>
#include <string.h>
#include <strings.h>

bool
site_is_listed(const char *list, const char *text)
{
	size_t len = strlen(text);

	while (*list != '\0') {
		size_t word;

		list += strspn(list, " \t");
		word = strcspn(list, " \t");
		if (len > 0 && word == len && strncasecmp(list, text, len) == 0)
			return true;
		list += word;
	}
	return false;
}

bool
site_is_address(const char *text)
{
	unsigned char bytes[sizeof(struct in6_addr)];

	return inet_pton(AF_INET, text, bytes) == 1 ||
	    inet_pton(AF_INET6, text, bytes) == 1;
}

/* text without end, if it ends so. */
static struct slice
without(struct slice text, const char *end)
{
	size_t len = strlen(end);

	if (text.len >= len &&
	    memcmp(text.data + text.len - len, end, len) == 0)
		text.len -= len;
	return text;
}

bool
site_is_origin(const char *origin, bool is_https, struct slice authority)
{
	const char *scheme = is_https ? "https://" : "http://";
	const char *port = is_https ? ":443" : ":80";
	struct slice theirs;

	if (authority.len == 0 ||
	    strncasecmp(origin, scheme, strlen(scheme)) != 0)
		return false;
	theirs = without(slice_of(origin + strlen(scheme)), port);
	authority = without(authority, port);
	return theirs.len == authority.len &&
	    strncasecmp(theirs.data, authority.data, theirs.len) == 0;
}

struct slice
site_authority(const char *url)
{
	const char *authority = strstr(url, "://");

	if (authority == NULL)
		return slice_of("");
	authority += 3;
	return (struct slice){ authority, strcspn(authority, "/?#") };
}
