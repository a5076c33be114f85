/*
 * Metrics: what the notifier counts about itself.
 *
 * Atomic counters that any thread may add to.  Loops add once a pass, not
 * once a delivery, since the counters are shared.
 */
#ifndef NOTIFIER_METRICS_H
#define NOTIFIER_METRICS_H

#include <stdbool.h>
#include <stdint.h>

#include "common/buf.h"

enum metric {
#define METRIC(name, kind, help) METRIC_##name,
#include "notifier/metrics.def"
#undef METRIC
	METRIC__COUNT
};

#define METRICS_TEXT_MAX ((size_t)32 * 1024)

void metric_add(enum metric metric, int64_t count);
void metric_set(enum metric metric, int64_t value);
int64_t metric_get(enum metric metric);

/* The text that Prometheus reads, version 0.0.4. */
void metrics_text(struct buf *buf);

/*
 * Whether the notifier does its work: the log was read a moment ago.
 * ret_detail says what is wrong; a constant.
 */
bool metrics_healthy(const char **ret_detail);

#endif /* NOTIFIER_METRICS_H */
