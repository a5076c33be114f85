/* Profile: what people may call themselves. */
#ifndef API_PROFILE_H
#define API_PROFILE_H

#include "api/fields.h"
#include "common/arena.h"
#include "db/users.h"

/* text in lower case, in the arena: usernames know no other. */
struct slice profile_fold(struct arena *arena, struct slice text);

/* Whether text, folded, could be somebody's username, new or old. */
bool profile_is_username(struct slice text);

/*
 * Fold username and check it; problems are noted.  It is made of a-z, 0-9,
 * '.', '_' and '-', begins and ends with a letter or digit, and is not
 * reserved; its length is checked before.
 */
void profile_check_username(struct request *req, struct slice *username);

/* Not only white space, no control characters; data NULL is fine. */
void profile_check_name(struct request *req, struct slice name);

/* Something before and something behind one '@'; data NULL and "" are fine. */
void profile_check_email(struct request *req, struct slice email);

#endif /* API_PROFILE_H */
