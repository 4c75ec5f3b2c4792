export { createTestAuth, type TestAuth } from './create-test-auth.ts'
export { type Mailbox, memoryMailer } from './memory-mailer.ts'
export { signInAs } from './sign-in-as.ts'
