/*
 * Http_metrics: GET /metrics for Prometheus and GET /health, on an address
 * of their own that is not for the public.
 */
#ifndef NOTIFIER_HTTP_METRICS_H
#define NOTIFIER_HTTP_METRICS_H

#include "common/config.h"
#include "common/err.h"

struct http_metrics;

/* Fails like listen_stream(), notifier/listen.h. */
enum err http_metrics_start(
    const struct config *config, struct http_metrics **ret_metrics) MUST_CHECK;
void http_metrics_stop(struct http_metrics *metrics); /* NULL is fine */

#endif /* NOTIFIER_HTTP_METRICS_H */
