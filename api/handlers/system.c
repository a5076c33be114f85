#include <json-c/json.h>

#include "api/handlers/handlers.h"
#include "db/events.h"

static enum err
answer_ok(struct response *res)
{
	struct json_object *json = json_object_new_object();

	json_object_object_add(json, "status", json_object_new_string("ok"));
	return response_json(res, 200, json);
}

/* GET /api/v1/health: the process answers. */
enum err
system_health(struct request *req, struct response *res)
{
	(void)req;
	return answer_ok(res);
}

/* GET /api/v1/ready: it can do its work too. */
enum err
system_ready(struct request *req, struct response *res)
{
	struct event_range range;
	enum err err = events_range(req->db, &range);

	if (err == OK)
		return answer_ok(res);
	res->detail = err == ERR_UNAVAILABLE
	    ? "The database is away."
	    : "The database is there, but not as it should be.";
	return ERR_UNAVAILABLE;
}
