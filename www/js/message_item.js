// One message as an element.

import { messageText } from "./conversation.js"
import { fromTemplate, hook, setText, showIcon } from "./dom.js"
import { clock, dayKey, dayName, wholeTime } from "./format.js"
import { text } from "./text.js"

const RUN_MS = 5 * 60_000

export const newMessageItem = () => fromTemplate("message")

// me_id: who reads.
export function fillMessage(item, message, me_id) {
  const { sender_id, sender_info, message_type, timestamp, edited_at, deleted_at } = message
  const mine = sender_id === me_id
  const sender = hook(item, "sender")
  const body = hook(item, "body")
  const time = hook(item, "time")

  item.toggleAttribute("data-mine", mine)
  item.toggleAttribute("data-system", message_type === "system")
  setText(sender, mine ? text("message.you") : sender_info?.name || sender_info?.username || "")
  setText(body, messageText(message))
  body.toggleAttribute("data-gone", Boolean(deleted_at))
  hook(item, "edited").hidden = !edited_at || Boolean(deleted_at)
  setText(time, clock(timestamp))
  time.dateTime = timestamp
  time.title = wholeTime(timestamp)
}

// state: "pending", "failed", "sent", "delivered" or "read"; none for what
// others wrote.
export function fillProgress(item, state, reason = null) {
  const tick = hook(item, "tick")
  const failure = hook(item, "failure")

  item.dataset.state = state ?? ""
  tick.toggleAttribute("hidden", !state)
  failure.hidden = state !== "failed"
  if (!state) return
  tick.dataset.state = state
  tick.setAttribute("aria-label", text(`message.${state}`))
  showIcon(tick, state === "read" ? "delivered" : state)
  setText(hook(failure, "reason"), reason ?? "")
}

// What a message shows depends on the one before it: whether it begins a day,
// and whether it begins a run of one sender's.
export function fillPlace(item, message, before, { group }) {
  const newDay = !before || dayKey(before.timestamp) !== dayKey(message.timestamp)
  const first = newDay || before.sender_id !== message.sender_id ||
    before.message_type === "system" || new Date(message.timestamp) - new Date(before.timestamp) > RUN_MS
  const day = hook(item, "day")

  day.hidden = !newDay
  if (newDay) setText(hook(day, "date"), dayName(message.timestamp))
  item.toggleAttribute("data-first", first)
  // Between two, the side tells who it was; a reader of the page is told.
  const named = group && first && !item.hasAttribute("data-mine") && !item.hasAttribute("data-system")
  hook(item, "sender").classList.toggle("visually-hidden", !named)
}
