// The stream of those who can have none: asks GET /api/v1/events what came.

// Tells heard of every event after position, page by page until none is left
// or over() says so.  Throws ApiError.
export async function poll(api, position, heard, over) {
  let since = position
  for (;;) {
    const { events, next } = await api.events(since)
    for (const event of events) {
      if (over()) return
      heard(event)
    }
    if (events.length === 0 || next === since) return
    since = next
  }
}
