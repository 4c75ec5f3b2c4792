-- CreateIndex
CREATE INDEX "auth_messages_user_id_idx" ON "auth_messages"("user_id");
