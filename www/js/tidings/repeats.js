// Tells an event that was already seen from a new one.
//
// event_id ascends on every connection, so whatever does not pass the cursor
// was seen.  seq names an event within its conversation, ascending with
// holes, so the highest one seen decides; it also catches an event that comes
// again under a later event_id.
//
// The notifier derives some events from a stored one and sends them right
// after it.  They bear no number of their own, and share its fate.

const DERIVED = new Set(["notification_count_update", "notification"])

export class Repeats {
  #cursor = 0
  #highest = new Map()
  #afterRepeat = new Set()

  // The event_id of the newest event seen.
  get cursor() {
    return this.#cursor
  }

  // Take GET /start for seen: nothing that it covers is told again.
  startFrom({ event_id, conversations, unread }) {
    this.#cursor = event_id
    this.#highest.clear()
    this.#afterRepeat.clear()
    for (const { conversation_id, event_seq } of [...unread, ...conversations])
      this.#highest.set(conversation_id, event_seq)
  }

  // True if event was seen before; if not, it is from now on.
  has(event) {
    const { conversation_id } = event

    if (DERIVED.has(event.type)) {
      const of = conversation_id ?? event.data?.conversation_id
      return this.#afterRepeat.has(of)
    }
    if (!event.event_id) return false

    const repeat = event.event_id <= this.#cursor ||
      event.seq <= this.#highest.get(conversation_id)
    this.#cursor = Math.max(this.#cursor, event.event_id)
    if (!event.seq) return repeat

    if (repeat) {
      this.#afterRepeat.add(conversation_id)
    } else {
      this.#afterRepeat.delete(conversation_id)
      this.#highest.set(conversation_id, event.seq)
    }
    return repeat
  }
}
