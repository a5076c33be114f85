/* Topic: what a conversation is about, from the host site. */
#ifndef DB_TOPIC_H
#define DB_TOPIC_H

#include "common/slice.h"

#define TOPIC_TYPE_MAX  64 /* characters */
#define TOPIC_ID_MAX    64
#define TOPIC_TITLE_MAX 200
#define TOPIC_URL_MAX   2000

struct topic {
	struct slice type;  /* empty: no topic */
	struct slice id;    /* empty: no topic */
	struct slice title; /* data NULL: none */
	struct slice url;   /* data NULL: none */
};

#endif /* DB_TOPIC_H */
