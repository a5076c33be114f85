#include "notifier/metrics.h"

#include <stdatomic.h>

#include "common/clock.h"

#define PREFIX   "tidings_notifier_"
#define STALE_MS 5000 /* without a look at the log: something is stuck */

static const struct {
	const char *name, *kind, *help;
} descriptions[METRIC__COUNT] = {
#define METRIC(name, kind, help) { #name, #kind, help },
#include "notifier/metrics.def"
#undef METRIC
};

static atomic_int_fast64_t values[METRIC__COUNT];

void
metric_add(enum metric metric, int64_t count)
{
	atomic_fetch_add_explicit(&values[metric], count, memory_order_relaxed);
}

void
metric_set(enum metric metric, int64_t value)
{
	atomic_store_explicit(&values[metric], value, memory_order_relaxed);
}

int64_t
metric_get(enum metric metric)
{
	return atomic_load_explicit(&values[metric], memory_order_relaxed);
}

void
metrics_text(struct buf *buf)
{
	for (size_t i = 0; i < METRIC__COUNT; i++) {
		int64_t value = metric_get((enum metric)i);

		buf_text(buf, "# HELP " PREFIX);
		buf_text(buf, descriptions[i].name);
		buf_text(buf, " ");
		buf_text(buf, descriptions[i].help);
		buf_text(buf, ".\n# TYPE " PREFIX);
		buf_text(buf, descriptions[i].name);
		buf_text(buf, " ");
		buf_text(buf, descriptions[i].kind);
		buf_text(buf, "\n" PREFIX);
		buf_text(buf, descriptions[i].name);
		buf_text(buf, " ");
		buf_u64(buf, value < 0 ? 0 : (uint64_t)value);
		buf_text(buf, "\n");
	}
}

bool
metrics_healthy(const char **ret_detail)
{
	uint64_t last = (uint64_t)metric_get(METRIC_last_look_ms);

	*ret_detail = "ok";
	if (metric_get(METRIC_database_up) == 0)
		*ret_detail = "the database is away";
	else if (clock_monotonic_ms() > last + STALE_MS)
		*ret_detail = "the event log is not being read";
	else
		return true;
	return false;
}
