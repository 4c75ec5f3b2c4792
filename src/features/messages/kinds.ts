/** What a message is for. */
export const messageKinds = [
  'verify_email',
  'verify_phone',
  'signup_code',
  'already_registered',
  'reset_password',
  'magic_link',
  'login_code',
  'change_email',
  'change_phone',
  'confirm_code',
  'mfa_code',
  'invitation',
  'password_changed',
  'email_changed',
  'phone_changed',
  'mfa_changed',
  'passkey_changed',
  'identity_changed',
  'api_key_created',
  'recovery_code_used',
  'new_device',
  'session_reuse',
] as const

export type MessageKind = (typeof messageKinds)[number]

export interface MessageData {
  code?: string
  token?: string
  url?: string
  expiresAt?: Date
  [key: string]: unknown
}

/** What a `mailer` or `sms` is given to send. */
export interface OutgoingMessage {
  /** The same for each try, so that a sender can tell a repetition. */
  id: string
  channel: 'email' | 'sms'
  kind: MessageKind
  to: string
  locale?: string
  subject: string
  text: string
  html?: string
  data: MessageData
}

/** Delivers messages. Anything thrown means: not delivered, to be tried again. */
export interface Mailer {
  send(message: OutgoingMessage): Promise<void>
}

/** What a template writes from. */
export interface TemplateInput {
  kind: MessageKind
  channel: 'email' | 'sms'
  locale?: string
  /** The name of the app, or its host. */
  appName: string
  data: MessageData
}

export interface Rendered {
  subject: string
  text: string
  html?: string
}

export type Template = (input: TemplateInput) => Rendered | Promise<Rendered>
export type Templates = { [Kind in MessageKind]?: Template }
