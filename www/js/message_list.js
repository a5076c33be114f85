// The messages of one conversation: ordered by no, each shown once, and after
// them one's own that are on their way.
//
// Owns its element and nothing else: it does not fetch and hears no events.
// What is added leaves the reader where they were: at the newest message, or
// at what they look at.

import { hook } from "./dom.js"
import { fillMessage, fillPlace, fillProgress, newMessageItem } from "./message_item.js"

const AT_END_PX = 48
const NEAR_BEGINNING_PX = 600
const SHOWN_MAX = 400
const SHOWN_KEPT = 200

export class MessageList {
  #scroller
  #list
  #entries = []
  #outgoing = []
  #edits = new Map()
  #view = { me_id: 0, group: false, progress: () => "sent" }
  #atEnd = true
  #height_px = 0

  // onScroll(): the reader moved.  onRetry(client_id): send it again.
  constructor(scroller, { onScroll, onRetry }) {
    this.#scroller = scroller
    this.#list = hook(scroller, "list")
    scroller.addEventListener("scroll", () => {
      // A scroller that grew or shrank was not moved by its reader.
      if (scroller.clientHeight === this.#height_px) this.#atEnd = this.#endGap() < AT_END_PX
      onScroll()
    }, { passive: true })
    this.#list.addEventListener("click", (event) => {
      if (event.target.closest("[data-retry]")) onRetry(event.target.closest("[data-message]").dataset.clientId)
    })
    new ResizeObserver(() => {
      this.#height_px = scroller.clientHeight
      if (this.#atEnd) this.toEnd()
    }).observe(scroller)
  }

  // view: {me_id, group, progress(no)}.  Empties the list.
  reset(view) {
    this.#view = view
    this.#entries = []
    this.#outgoing = []
    this.#edits.clear()
    this.#list.replaceChildren()
    this.#atEnd = true
  }

  // 0 when it is empty.
  get firstNo() {
    return this.#entries[0]?.message.no ?? 0
  }

  get lastNo() {
    return this.#entries.at(-1)?.message.no ?? 0
  }

  has(no) {
    return this.#entries[this.#indexFrom(no)]?.message.no === no
  }

  get isAtEnd() {
    return this.#atEnd
  }

  get isNearBeginning() {
    return this.#scroller.scrollTop < NEAR_BEGINNING_PX
  }

  set busy(is) {
    this.#scroller.setAttribute("aria-busy", String(is))
  }

  toEnd() {
    this.#atEnd = true
    this.#scroller.scrollTop = this.#scroller.scrollHeight
  }

  // Whatever act() does to what the scroller holds, its reader stays where they
  // are.
  keepPlace(act) {
    const anchor = this.#atEnd ? null : this.#firstVisible()
    const before_px = anchor?.getBoundingClientRect().top
    act()
    if (this.#atEnd) this.toEnd()
    else if (anchor) this.#scroller.scrollTop += anchor.getBoundingClientRect().top - before_px
  }

  // Messages in any order; those that are shown already take their new state.
  add(messages) {
    this.keepPlace(() => {
      for (const message of messages) this.#put(message)
      if (this.#atEnd && this.#entries.length > SHOWN_MAX) this.#forgetOldest()
    })
  }

  // A message that was edited or deleted.  One that is not shown may be on
  // its way from a page that was read before.
  change(message) {
    this.#edits.set(message.message_id, message)
    if (this.#entries.some((entry) => entry.message.no === message.no)) this.add([message])
  }

  // One's own on their way, as Outgoing lists them.
  setOutgoing(outgoing) {
    this.keepPlace(() => {
      for (const { item } of this.#outgoing) item.remove()
      this.#outgoing = outgoing.map((entry) => this.#outgoingEntry(entry))
      this.#list.append(...this.#outgoing.map(({ item }) => item))
      this.#outgoing.forEach((_, index) => this.#place(this.#entries.length + index))
    })
  }

  // What is known of how far one's own messages have come has changed.
  refreshProgress() {
    for (const { item, message } of this.#entries)
      if (message.sender_id === this.#view.me_id && item.dataset.state !== "read")
        fillProgress(item, this.#view.progress(message.no))
  }

  #put(given) {
    const message = newer(this.#edits.get(given.message_id), given)
    const index = this.#indexFrom(message.no)
    const present = this.#entries[index]
    if (present?.message.no === message.no) {
      present.message = newer(present.message, message)
      this.#fill(present)
      return
    }
    const entry = { message, item: newMessageItem() }
    entry.item.dataset.message = message.message_id
    this.#fill(entry)
    this.#list.insertBefore(entry.item, (present ?? this.#outgoing[0])?.item ?? null)
    this.#entries.splice(index, 0, entry)
    this.#place(index)
    this.#place(index + 1)
  }

  #fill({ item, message }) {
    const mine = message.sender_id === this.#view.me_id && message.message_type !== "system"
    fillMessage(item, message, this.#view.me_id)
    fillProgress(item, mine ? this.#view.progress(message.no) : null)
  }

  #place(index) {
    const all = [...this.#entries, ...this.#outgoing]
    if (all[index]) fillPlace(all[index].item, all[index].message, all[index - 1]?.message, this.#view)
  }

  #outgoingEntry({ client_id, message, timestamp, state, reason }) {
    const item = newMessageItem()
    const shown = { message, timestamp, sender_id: this.#view.me_id, message_type: "text" }
    item.dataset.clientId = client_id
    fillMessage(item, shown, this.#view.me_id)
    fillProgress(item, state, reason)
    return { item, message: shown }
  }

  // Newest messages are the common case, so look from the end.
  #indexFrom(no) {
    let index = this.#entries.length
    while (index > 0 && this.#entries[index - 1].message.no >= no) index--
    return index
  }

  // They can be loaded again by scrolling up.
  #forgetOldest() {
    for (const { item } of this.#entries.splice(0, this.#entries.length - SHOWN_KEPT)) item.remove()
    this.#place(0)
  }

  #endGap() {
    const { scrollHeight, scrollTop, clientHeight } = this.#scroller
    return scrollHeight - scrollTop - clientHeight
  }

  #firstVisible() {
    const { top } = this.#scroller.getBoundingClientRect()
    return this.#entries.find(({ item }) => item.getBoundingClientRect().bottom > top)?.item
  }
}

// Of two states of a message the later one.
function newer(one, other) {
  const changed = ({ edited_at, deleted_at }) => deleted_at ?? edited_at ?? ""
  return one && changed(one) > changed(other) ? one : other
}
