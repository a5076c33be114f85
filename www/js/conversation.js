// What a page says of a conversation and of a message.  Pure functions.

import { text } from "./text.js"

// The other one of a direct conversation; oneself in one with oneself.
export function otherMember({ kind, members }, my_id) {
  if (kind !== "direct" || !members?.length) return null
  return members.find(({ user_id }) => user_id !== my_id) ?? members[0]
}

export function conversationName(conversation, my_id) {
  const other = otherMember(conversation, my_id)
  if (other) return other.name || other.username
  return conversation.title || text("conversations.group")
}

// What somebody is called in a conversation; an event knows the username only.
export function memberName(conversation, { user_id, username }) {
  return conversation?.members?.find((member) => member.user_id === user_id)?.name || username
}

// Whom its avatar shows, and whether they are online.
export function conversationFace(conversation, { me, online }) {
  const other = otherMember(conversation, me.id)
  return {
    id: other?.user_id ?? conversation.conversation_id,
    name: conversationName(conversation, me.id),
    online: Boolean(other) && other.user_id !== me.id && online.has(other.user_id),
  }
}

// What a message says, in words: its text, or what it is.
export function messageText({ message, message_type, file_attachment, deleted_at }) {
  if (deleted_at) return text("message.deleted")
  if (message) return message
  if (message_type === "file") return text("message.file", { name: file_attachment?.filename ?? "" })
  return message_type === "system" ? text("message.system") : ""
}

// Its line in the list of conversations.
export function preview({ last_message, kind }, my_id) {
  if (!last_message) return ""
  const said = messageText(last_message).replace(/\s+/gu, " ")
  if (last_message.message_type === "system") return said
  if (last_message.sender_id === my_id) return text("conversations.you", { text: said })
  return kind === "direct" ? said : `${last_message.sender_info?.name ?? ""}: ${said}`
}

// How far one's own message no has come: "sent", "delivered" or "read", by
// the least of what is known of the others.
export function progress({ marks, kind, member_count }, no) {
  const others = kind === "direct" ? 1 : Math.max(1, (member_count ?? 2) - 1)
  const least = (mark) => [...marks.values()].filter((of) => of[mark] >= no).length >= others
  if (least("read")) return "read"
  return least("delivered") ? "delivered" : "sent"
}
