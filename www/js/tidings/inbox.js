// What a person's list of conversations says, computed from what GET /start
// told and from every event since: state + event = new state.
//
// Pure functions on a plain state, which is never changed in place:
//   me              the User
//   conversations   Map: conversation_id -> Conversation.  One that is known
//                   by its unread count or an event alone is {partial: true}
//                   until mergeConversation tells the rest.
//   online          Set of the ids of those online
//   next            where the next page of conversations is, or null
//
// A Conversation here has, beside what the contract lists, "marks": how far
// the others are known to have received and read, by user id.
// event_seq is the highest event that is counted in.  An event below it, and
// the count derived from it, changes no count, so a conversation fetched
// while events arrive is never counted twice.

export function fromStart({ me, conversations, unread, next }) {
  const known = new Map()
  for (const { conversation_id, unread_count, event_seq } of unread)
    known.set(conversation_id, partial(conversation_id, { unread_count, event_seq }))
  let state = { me, conversations: known, online: new Set(), next: null }
  for (const conversation of conversations) state = mergeConversation(state, conversation)
  return { ...state, next }
}

export function totalUnread({ conversations }) {
  let total = 0
  for (const { unread_count } of conversations.values()) total += unread_count
  return total
}

// The conversations that can be shown, newest activity first.
export function listed({ conversations }) {
  const activity = (conversation) => conversation.last_message_at ?? conversation.created_at ?? ""
  return [...conversations.values()]
    .filter((conversation) => !conversation.partial)
    .sort((one, other) => activity(other).localeCompare(activity(one)) ||
      other.conversation_id - one.conversation_id)
}

// The id of a conversation that has to be fetched to show what the event
// says, or null.  Ask after apply().
export function needsLoading(state, { type, conversation_id, reason }) {
  if (type === "conversation_refresh") return reason === "removed" ? null : conversation_id
  if (type === "member_joined" || type === "member_left" || type === "member_changed")
    return state.conversations.has(conversation_id) ? conversation_id : null
  if (type !== "chat_message") return null
  return state.conversations.get(conversation_id)?.partial ? conversation_id : null
}

// A page of GET /conversations.
export function mergePage(state, { items, next }) {
  return { ...items.reduce(mergeConversation, state), next }
}

// A conversation as GET /conversations/{id} told it.  What events have told
// beyond it stays.
export function mergeConversation(state, fetched) {
  const known = state.conversations.get(fetched.conversation_id)
  const ahead = known && known.event_seq > fetched.event_seq ? counted(known) : {}
  const { marks, behind } = known ?? partial(fetched.conversation_id, {})
  const whole = put(state, { ...fetched, ...ahead, marks, behind, partial: false })
  const merged = witnessed(whole, fetched.conversation_id, fetched.last_message ? [fetched.last_message] : [])
  if (known && !known.partial) return merged

  // Events tell who comes and goes, but only once one shares a conversation.
  const online = (fetched.members ?? []).filter((member) => member.online).map(({ user_id }) => user_id)
  return { ...merged, online: new Set([...state.online, ...online]) }
}

export function dropConversation(state, conversation_id) {
  const conversations = new Map(state.conversations)
  conversations.delete(conversation_id)
  return { ...state, conversations }
}

// One's own message, as the server answered: it may be known before its event.
export function sent(state, message) {
  return change(state, message.conversation_id, (conversation) => withMessage(conversation, message, state.me.id))
}

// Messages of a conversation's history: they tell how far their writers are.
export function witnessed(state, conversation_id, messages) {
  return change(state, conversation_id, (conversation) =>
    messages.reduce((seen, { sender_id, no }) => withMark(seen, { type: "chat_message", sender_id, no }, state.me), conversation))
}

// One's own marks, as the answer to reading them up.
export function marked(state, { conversation_id, read_no }) {
  return change(state, conversation_id, (conversation) => readUpTo(conversation, read_no))
}

export function apply(state, event) {
  const known = state.conversations.get(event.conversation_id)
  if (!event.seq) return OTHER[event.type]?.(state, event, known) ?? state
  if (!known && event.type !== "chat_message") return state

  const before = known ?? partial(event.conversation_id, {})
  const behind = event.seq <= before.event_seq
  const conversation = withMark({ ...before, behind, event_seq: Math.max(event.seq, before.event_seq) }, event, state.me)
  return put(state, behind ? conversation : COUNTED[event.type]?.(conversation, event, state.me) ?? conversation)
}

// What an event makes of its conversation.
const COUNTED = {
  chat_message: (conversation, event, me) => withMessage(conversation, asMessage(event), me.id),
  message_edited: changedMessage,
  message_deleted: changedMessage,
  message_pinned: changedMessage,
  message_read: (conversation, { user_id, up_to }, me) =>
    user_id === me.id ? readUpTo(conversation, up_to) : conversation,
  message_delivered: (conversation, { user_id, up_to }, me) =>
    user_id === me.id ? { ...conversation, delivered_no: Math.max(conversation.delivered_no ?? 0, up_to) } : conversation,
  conversation_updated: (conversation, event) => ({ ...conversation, ...shared(event) }),
}

// Events that are of the moment, or of the person rather than a conversation.
const OTHER = {
  presence_state: (state, { online }) => ({ ...state, online: new Set(online) }),
  presence: withPresence,
  user_updated: withUser,
  conversation_refresh: (state, { conversation_id, reason }) =>
    reason === "removed" ? dropConversation(state, conversation_id) : state,
  notification_count_update: (state, event, known) => known && !known.behind ? put(state, recounted(known, event)) : state,
}

const partial = (conversation_id, fields) =>
  ({ conversation_id, unread_count: 0, event_seq: 0, marks: new Map(), behind: false, partial: true, ...fields })

function put(state, conversation) {
  const conversations = new Map(state.conversations)
  conversations.set(conversation.conversation_id, conversation)
  return { ...state, conversations }
}

function change(state, conversation_id, how) {
  const known = state.conversations.get(conversation_id)
  return known ? put(state, how(known)) : state
}

const COUNTS = ["event_seq", "last_no", "read_no", "delivered_no", "unread_count", "last_message", "last_message_at"]

const counted = (conversation) => Object.fromEntries(
  COUNTS.filter((name) => name in conversation).map((name) => [name, conversation[name]]))

const SHARED = ["title", "topic", "visibility", "member_count", "members"]

const shared = (event) => Object.fromEntries(
  SHARED.filter((name) => event[name] !== undefined).map((name) => [name, event[name]]))

// The Message in an event: the same without what makes it an event.
function asMessage(event) {
  const { type, event_id, seq, is_new_conversation, ...message } = event
  return message
}

function withMessage(conversation, message, my_id) {
  const { no, sender_id, timestamp } = message
  const newest = no > (conversation.last_no ?? 0)
  const next = newest
    ? { ...conversation, last_no: no, last_message: message, last_message_at: timestamp }
    : conversation
  if (sender_id === my_id) return readUpTo(next, no)
  return no > (next.read_no ?? 0) ? { ...next, unread_count: next.unread_count + 1 } : next
}

function changedMessage(conversation, event) {
  if (conversation.last_message?.message_id !== event.message_id) return conversation
  return { ...conversation, last_message: asMessage(event) }
}

// Of what is left unread after up_to only the most is known here; the count
// that the notifier derives from the same event then tells it exactly.
function readUpTo(conversation, up_to) {
  const read_no = Math.max(conversation.read_no ?? 0, up_to)
  const delivered_no = Math.max(conversation.delivered_no ?? 0, read_no)
  const most = conversation.last_no === undefined ? Infinity : Math.max(0, conversation.last_no - read_no)
  return { ...conversation, read_no, delivered_no, unread_count: Math.min(conversation.unread_count, most) }
}

function recounted(conversation, { trigger, read_no, unread_count }) {
  if (trigger !== "message_read" || unread_count === undefined) return conversation
  return { ...conversation, read_no: read_no ?? conversation.read_no, unread_count }
}

// How far another has come.  Reading implies receiving, and writing implies
// reading.
function withMark(conversation, event, me) {
  const user_id = event.type === "chat_message" ? event.sender_id : event.user_id
  const up_to = event.type === "chat_message" ? event.no : event.up_to
  if (!up_to || !user_id || user_id === me.id) return conversation

  const mark = conversation.marks.get(user_id) ?? { delivered: 0, read: 0 }
  const marks = new Map(conversation.marks).set(user_id, {
    delivered: Math.max(mark.delivered, up_to),
    read: event.type === "message_delivered" ? mark.read : Math.max(mark.read, up_to),
  })
  return { ...conversation, marks }
}

function withPresence(state, { user_id, online: is }) {
  const online = new Set(state.online)
  if (is) online.add(user_id)
  else online.delete(user_id)
  return { ...state, online }
}

function withUser(state, event) {
  const { id, username, name, avatar_url } = event
  const conversations = new Map(state.conversations)
  for (const [key, conversation] of conversations) {
    if (!conversation.members?.some(({ user_id }) => user_id === id)) continue
    const members = conversation.members.map((member) =>
      member.user_id === id ? { ...member, username, name, avatar_url } : member)
    conversations.set(key, { ...conversation, members })
  }
  const me = id === state.me.id ? { ...state.me, username, name, avatar_url } : state.me
  return { ...state, me, conversations }
}
