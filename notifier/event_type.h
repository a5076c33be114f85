/*
 * Event_type: the names of events, as bits, so that a stream narrowed by
 * ?types= is one comparison per event.
 */
#ifndef NOTIFIER_EVENT_TYPE_H
#define NOTIFIER_EVENT_TYPE_H

#include <stdbool.h>
#include <stdint.h>

#include "common/err.h"
#include "common/slice.h"

#define EVENT_TYPES_ALL UINT32_MAX

/* The bit of a name; 0 for one that this version does not know. */
uint32_t event_type_bit(struct slice name);

/* The bits of a comma-separated list.  ERR_INVALID: an unknown name. */
enum err event_types_parse(struct slice list, uint32_t *ret_types) MUST_CHECK;

/* A stream of types carries an event of bit; what is unknown goes to those
   streams alone that were not narrowed. */
static inline bool
event_type_wanted(uint32_t types, uint32_t bit)
{
	return types == EVENT_TYPES_ALL || (types & bit) != 0;
}

#endif /* NOTIFIER_EVENT_TYPE_H */
