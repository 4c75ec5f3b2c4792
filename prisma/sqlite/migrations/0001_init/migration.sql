-- CreateTable
CREATE TABLE "auth_users" (
    "id" TEXT NOT NULL PRIMARY KEY,
    "realm" TEXT NOT NULL DEFAULT '',
    "email" TEXT,
    "email_verified_at" DATETIME,
    "phone" TEXT,
    "phone_verified_at" DATETIME,
    "username" TEXT,
    "password_hash" TEXT,
    "password_changed_at" DATETIME,
    "password_history" JSONB,
    "must_change_password" BOOLEAN NOT NULL DEFAULT false,
    "mfa_enabled" BOOLEAN NOT NULL DEFAULT false,
    "status" TEXT NOT NULL DEFAULT 'active',
    "suspended_until" DATETIME,
    "suspended_reason" TEXT,
    "failed_logins" INTEGER NOT NULL DEFAULT 0,
    "failed_since" DATETIME,
    "locked_until" DATETIME,
    "last_login_at" DATETIME,
    "locale" TEXT,
    "metadata" JSONB,
    "created_at" DATETIME NOT NULL,
    "updated_at" DATETIME NOT NULL
);

-- CreateTable
CREATE TABLE "auth_identities" (
    "id" TEXT NOT NULL PRIMARY KEY,
    "user_id" TEXT NOT NULL,
    "provider" TEXT NOT NULL,
    "provider_user_id" TEXT NOT NULL,
    "realm" TEXT NOT NULL DEFAULT '',
    "email" TEXT,
    "email_verified" BOOLEAN NOT NULL DEFAULT false,
    "profile" JSONB,
    "tokens" TEXT,
    "last_used_at" DATETIME,
    "created_at" DATETIME NOT NULL,
    CONSTRAINT "auth_identities_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "auth_users" ("id") ON DELETE CASCADE ON UPDATE CASCADE
);

-- CreateTable
CREATE TABLE "auth_sessions" (
    "id" TEXT NOT NULL PRIMARY KEY,
    "user_id" TEXT NOT NULL,
    "tenant_id" TEXT,
    "refresh_hash" TEXT NOT NULL,
    "successor" TEXT,
    "generation" INTEGER NOT NULL DEFAULT 1,
    "rotated_at" DATETIME,
    "amr" TEXT NOT NULL,
    "authenticated_at" DATETIME NOT NULL,
    "confirmed_at" DATETIME,
    "confirmed_amr" TEXT,
    "user_data" JSONB,
    "ip" TEXT,
    "user_agent" TEXT,
    "device_name" TEXT,
    "remember" BOOLEAN NOT NULL DEFAULT true,
    "impersonator_id" TEXT,
    "last_used_at" DATETIME NOT NULL,
    "created_at" DATETIME NOT NULL,
    "expires_at" DATETIME NOT NULL,
    "revoked_at" DATETIME,
    "revoked_reason" TEXT,
    CONSTRAINT "auth_sessions_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "auth_users" ("id") ON DELETE CASCADE ON UPDATE CASCADE
);

-- CreateTable
CREATE TABLE "auth_otps" (
    "id" TEXT NOT NULL PRIMARY KEY,
    "user_id" TEXT,
    "target" TEXT NOT NULL,
    "purpose" TEXT NOT NULL,
    "code_hash" TEXT,
    "token_hash" TEXT,
    "live_key" TEXT,
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "data" JSONB,
    "created_at" DATETIME NOT NULL,
    "expires_at" DATETIME NOT NULL,
    "consumed_at" DATETIME,
    CONSTRAINT "auth_otps_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "auth_users" ("id") ON DELETE CASCADE ON UPDATE CASCADE
);

-- CreateTable
CREATE TABLE "auth_mfa_factors" (
    "id" TEXT NOT NULL PRIMARY KEY,
    "user_id" TEXT NOT NULL,
    "type" TEXT NOT NULL,
    "label" TEXT,
    "secret" TEXT,
    "confirmed_at" DATETIME,
    "last_used_step" INTEGER,
    "failed_attempts" INTEGER NOT NULL DEFAULT 0,
    "locked_until" DATETIME,
    "last_used_at" DATETIME,
    "created_at" DATETIME NOT NULL,
    CONSTRAINT "auth_mfa_factors_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "auth_users" ("id") ON DELETE CASCADE ON UPDATE CASCADE
);

-- CreateTable
CREATE TABLE "auth_recovery_codes" (
    "id" TEXT NOT NULL PRIMARY KEY,
    "user_id" TEXT NOT NULL,
    "code_hash" TEXT NOT NULL,
    "used_at" DATETIME,
    "created_at" DATETIME NOT NULL,
    CONSTRAINT "auth_recovery_codes_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "auth_users" ("id") ON DELETE CASCADE ON UPDATE CASCADE
);

-- CreateTable
CREATE TABLE "auth_trusted_devices" (
    "id" TEXT NOT NULL PRIMARY KEY,
    "user_id" TEXT NOT NULL,
    "token_hash" TEXT NOT NULL,
    "name" TEXT,
    "ip" TEXT,
    "user_agent" TEXT,
    "last_used_at" DATETIME,
    "created_at" DATETIME NOT NULL,
    "expires_at" DATETIME NOT NULL,
    CONSTRAINT "auth_trusted_devices_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "auth_users" ("id") ON DELETE CASCADE ON UPDATE CASCADE
);

-- CreateTable
CREATE TABLE "auth_passkeys" (
    "id" TEXT NOT NULL PRIMARY KEY,
    "user_id" TEXT NOT NULL,
    "credential_id" TEXT NOT NULL,
    "credential_key" TEXT NOT NULL,
    "public_key" BLOB NOT NULL,
    "counter" BIGINT NOT NULL DEFAULT 0,
    "transports" TEXT,
    "device_type" TEXT NOT NULL,
    "backed_up" BOOLEAN NOT NULL DEFAULT false,
    "aaguid" TEXT,
    "name" TEXT,
    "last_used_at" DATETIME,
    "created_at" DATETIME NOT NULL,
    CONSTRAINT "auth_passkeys_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "auth_users" ("id") ON DELETE CASCADE ON UPDATE CASCADE
);

-- CreateTable
CREATE TABLE "auth_access_keys" (
    "id" TEXT NOT NULL PRIMARY KEY,
    "user_id" TEXT NOT NULL,
    "tenant_id" TEXT,
    "public_id" TEXT NOT NULL,
    "secret_hash" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "permissions" JSONB,
    "created_at" DATETIME NOT NULL,
    "expires_at" DATETIME,
    "last_used_at" DATETIME,
    "revoked_at" DATETIME,
    CONSTRAINT "auth_access_keys_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "auth_users" ("id") ON DELETE CASCADE ON UPDATE CASCADE
);

-- CreateTable
CREATE TABLE "auth_tenants" (
    "id" TEXT NOT NULL PRIMARY KEY,
    "slug" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "domain" TEXT,
    "parent_id" TEXT,
    "status" TEXT NOT NULL DEFAULT 'active',
    "metadata" JSONB,
    "locale" TEXT,
    "created_at" DATETIME NOT NULL,
    "updated_at" DATETIME NOT NULL,
    CONSTRAINT "auth_tenants_parent_id_fkey" FOREIGN KEY ("parent_id") REFERENCES "auth_tenants" ("id") ON DELETE SET NULL ON UPDATE NO ACTION
);

-- CreateTable
CREATE TABLE "auth_memberships" (
    "id" TEXT NOT NULL PRIMARY KEY,
    "user_id" TEXT NOT NULL,
    "tenant_id" TEXT,
    "scope" TEXT NOT NULL,
    "status" TEXT NOT NULL DEFAULT 'active',
    "is_default" BOOLEAN NOT NULL DEFAULT false,
    "display_name" TEXT,
    "metadata" JSONB,
    "invited_by_id" TEXT,
    "created_at" DATETIME NOT NULL,
    "updated_at" DATETIME NOT NULL,
    CONSTRAINT "auth_memberships_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "auth_users" ("id") ON DELETE CASCADE ON UPDATE CASCADE,
    CONSTRAINT "auth_memberships_tenant_id_fkey" FOREIGN KEY ("tenant_id") REFERENCES "auth_tenants" ("id") ON DELETE CASCADE ON UPDATE CASCADE
);

-- CreateTable
CREATE TABLE "auth_membership_roles" (
    "membership_id" TEXT NOT NULL,
    "role_id" TEXT NOT NULL,

    PRIMARY KEY ("membership_id", "role_id"),
    CONSTRAINT "auth_membership_roles_membership_id_fkey" FOREIGN KEY ("membership_id") REFERENCES "auth_memberships" ("id") ON DELETE CASCADE ON UPDATE CASCADE,
    CONSTRAINT "auth_membership_roles_role_id_fkey" FOREIGN KEY ("role_id") REFERENCES "auth_roles" ("id") ON DELETE CASCADE ON UPDATE CASCADE
);

-- CreateTable
CREATE TABLE "auth_platform_access" (
    "id" TEXT NOT NULL PRIMARY KEY,
    "user_id" TEXT NOT NULL,
    "created_at" DATETIME NOT NULL,
    CONSTRAINT "auth_platform_access_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "auth_users" ("id") ON DELETE CASCADE ON UPDATE CASCADE
);

-- CreateTable
CREATE TABLE "auth_platform_access_roles" (
    "platform_access_id" TEXT NOT NULL,
    "role_id" TEXT NOT NULL,

    PRIMARY KEY ("platform_access_id", "role_id"),
    CONSTRAINT "auth_platform_access_roles_platform_access_id_fkey" FOREIGN KEY ("platform_access_id") REFERENCES "auth_platform_access" ("id") ON DELETE CASCADE ON UPDATE CASCADE,
    CONSTRAINT "auth_platform_access_roles_role_id_fkey" FOREIGN KEY ("role_id") REFERENCES "auth_roles" ("id") ON DELETE CASCADE ON UPDATE CASCADE
);

-- CreateTable
CREATE TABLE "auth_roles" (
    "id" TEXT NOT NULL PRIMARY KEY,
    "guard" TEXT NOT NULL DEFAULT 'web',
    "scope" TEXT NOT NULL DEFAULT 'global',
    "tenant_id" TEXT,
    "name" TEXT NOT NULL,
    "description" TEXT,
    "is_system" BOOLEAN NOT NULL DEFAULT false,
    "is_default" BOOLEAN NOT NULL DEFAULT false,
    "is_active" BOOLEAN NOT NULL DEFAULT true,
    "created_at" DATETIME NOT NULL,
    "updated_at" DATETIME NOT NULL,
    CONSTRAINT "auth_roles_tenant_id_fkey" FOREIGN KEY ("tenant_id") REFERENCES "auth_tenants" ("id") ON DELETE CASCADE ON UPDATE CASCADE
);

-- CreateTable
CREATE TABLE "auth_permissions" (
    "id" TEXT NOT NULL PRIMARY KEY,
    "guard" TEXT NOT NULL DEFAULT 'web',
    "name" TEXT NOT NULL,
    "description" TEXT,
    "category" TEXT,
    "created_at" DATETIME NOT NULL
);

-- CreateTable
CREATE TABLE "auth_role_permissions" (
    "role_id" TEXT NOT NULL,
    "permission_id" TEXT NOT NULL,

    PRIMARY KEY ("role_id", "permission_id"),
    CONSTRAINT "auth_role_permissions_role_id_fkey" FOREIGN KEY ("role_id") REFERENCES "auth_roles" ("id") ON DELETE CASCADE ON UPDATE CASCADE,
    CONSTRAINT "auth_role_permissions_permission_id_fkey" FOREIGN KEY ("permission_id") REFERENCES "auth_permissions" ("id") ON DELETE CASCADE ON UPDATE CASCADE
);

-- CreateTable
CREATE TABLE "auth_role_inheritance" (
    "role_id" TEXT NOT NULL,
    "inherited_id" TEXT NOT NULL,

    PRIMARY KEY ("role_id", "inherited_id"),
    CONSTRAINT "auth_role_inheritance_role_id_fkey" FOREIGN KEY ("role_id") REFERENCES "auth_roles" ("id") ON DELETE CASCADE ON UPDATE CASCADE,
    CONSTRAINT "auth_role_inheritance_inherited_id_fkey" FOREIGN KEY ("inherited_id") REFERENCES "auth_roles" ("id") ON DELETE CASCADE ON UPDATE CASCADE
);

-- CreateTable
CREATE TABLE "auth_invitations" (
    "id" TEXT NOT NULL PRIMARY KEY,
    "tenant_id" TEXT NOT NULL,
    "email" TEXT,
    "phone" TEXT,
    "roles" JSONB NOT NULL,
    "token_hash" TEXT NOT NULL,
    "status" TEXT NOT NULL DEFAULT 'pending',
    "pending_key" TEXT,
    "invited_by_id" TEXT,
    "created_at" DATETIME NOT NULL,
    "expires_at" DATETIME NOT NULL,
    "accepted_at" DATETIME,
    CONSTRAINT "auth_invitations_tenant_id_fkey" FOREIGN KEY ("tenant_id") REFERENCES "auth_tenants" ("id") ON DELETE CASCADE ON UPDATE CASCADE
);

-- CreateTable
CREATE TABLE "auth_admin_users" (
    "id" TEXT NOT NULL PRIMARY KEY,
    "email" TEXT NOT NULL,
    "name" TEXT,
    "password_hash" TEXT NOT NULL,
    "totp_secret" TEXT,
    "totp_last_step" INTEGER,
    "failed_logins" INTEGER NOT NULL DEFAULT 0,
    "failed_since" DATETIME,
    "locked_until" DATETIME,
    "last_login_at" DATETIME,
    "created_at" DATETIME NOT NULL,
    "updated_at" DATETIME NOT NULL
);

-- CreateTable
CREATE TABLE "auth_admin_sessions" (
    "id" TEXT NOT NULL PRIMARY KEY,
    "admin_id" TEXT NOT NULL,
    "token_hash" TEXT NOT NULL,
    "ip" TEXT,
    "user_agent" TEXT,
    "authenticated_at" DATETIME NOT NULL,
    "last_used_at" DATETIME NOT NULL,
    "created_at" DATETIME NOT NULL,
    "expires_at" DATETIME NOT NULL,
    CONSTRAINT "auth_admin_sessions_admin_id_fkey" FOREIGN KEY ("admin_id") REFERENCES "auth_admin_users" ("id") ON DELETE CASCADE ON UPDATE CASCADE
);

-- CreateTable
CREATE TABLE "auth_audit_logs" (
    "id" TEXT NOT NULL PRIMARY KEY,
    "at" DATETIME NOT NULL,
    "event" TEXT NOT NULL,
    "outcome" TEXT NOT NULL,
    "actor_type" TEXT NOT NULL,
    "actor_id" TEXT,
    "user_id" TEXT,
    "tenant_id" TEXT,
    "session_id" TEXT,
    "ip" TEXT,
    "user_agent" TEXT,
    "request_id" TEXT,
    "data" JSONB
);

-- CreateTable
CREATE TABLE "auth_blocked_email_domains" (
    "id" TEXT NOT NULL PRIMARY KEY,
    "domain" TEXT NOT NULL,
    "source" TEXT,
    "created_at" DATETIME NOT NULL
);

-- CreateTable
CREATE TABLE "auth_signing_keys" (
    "id" TEXT NOT NULL PRIMARY KEY,
    "sequence" INTEGER NOT NULL,
    "kid" TEXT NOT NULL,
    "algorithm" TEXT NOT NULL,
    "public_jwk" JSONB,
    "private_key" TEXT NOT NULL,
    "state" TEXT NOT NULL DEFAULT 'live',
    "created_at" DATETIME NOT NULL,
    "activates_at" DATETIME NOT NULL,
    "retires_at" DATETIME NOT NULL,
    "expires_at" DATETIME NOT NULL
);

-- CreateTable
CREATE TABLE "auth_messages" (
    "id" TEXT NOT NULL PRIMARY KEY,
    "channel" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "user_id" TEXT,
    "recipient_hash" TEXT NOT NULL,
    "payload" TEXT,
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "next_attempt_at" DATETIME NOT NULL,
    "claimed_by" TEXT,
    "claimed_until" DATETIME,
    "last_error" TEXT,
    "created_at" DATETIME NOT NULL,
    "sent_at" DATETIME,
    "failed_at" DATETIME
);

-- CreateTable
CREATE TABLE "auth_changes" (
    "seq" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "kind" TEXT NOT NULL,
    "subject_id" TEXT NOT NULL,
    "at" DATETIME NOT NULL
);

-- CreateTable
CREATE TABLE "auth_rate_limits" (
    "key" TEXT NOT NULL PRIMARY KEY,
    "count" INTEGER NOT NULL,
    "expires_at" DATETIME NOT NULL
);

-- CreateIndex
CREATE INDEX "auth_users_created_at_idx" ON "auth_users"("created_at");

-- CreateIndex
CREATE UNIQUE INDEX "auth_users_realm_email_key" ON "auth_users"("realm", "email");

-- CreateIndex
CREATE UNIQUE INDEX "auth_users_realm_phone_key" ON "auth_users"("realm", "phone");

-- CreateIndex
CREATE UNIQUE INDEX "auth_users_realm_username_key" ON "auth_users"("realm", "username");

-- CreateIndex
CREATE INDEX "auth_identities_user_id_idx" ON "auth_identities"("user_id");

-- CreateIndex
CREATE UNIQUE INDEX "auth_identities_provider_provider_user_id_realm_key" ON "auth_identities"("provider", "provider_user_id", "realm");

-- CreateIndex
CREATE INDEX "auth_sessions_user_id_idx" ON "auth_sessions"("user_id");

-- CreateIndex
CREATE INDEX "auth_sessions_expires_at_idx" ON "auth_sessions"("expires_at");

-- CreateIndex
CREATE UNIQUE INDEX "auth_otps_token_hash_key" ON "auth_otps"("token_hash");

-- CreateIndex
CREATE UNIQUE INDEX "auth_otps_live_key_key" ON "auth_otps"("live_key");

-- CreateIndex
CREATE INDEX "auth_otps_user_id_idx" ON "auth_otps"("user_id");

-- CreateIndex
CREATE INDEX "auth_otps_expires_at_idx" ON "auth_otps"("expires_at");

-- CreateIndex
CREATE INDEX "auth_mfa_factors_user_id_idx" ON "auth_mfa_factors"("user_id");

-- CreateIndex
CREATE UNIQUE INDEX "auth_recovery_codes_user_id_code_hash_key" ON "auth_recovery_codes"("user_id", "code_hash");

-- CreateIndex
CREATE UNIQUE INDEX "auth_trusted_devices_token_hash_key" ON "auth_trusted_devices"("token_hash");

-- CreateIndex
CREATE INDEX "auth_trusted_devices_user_id_idx" ON "auth_trusted_devices"("user_id");

-- CreateIndex
CREATE UNIQUE INDEX "auth_passkeys_credential_key_key" ON "auth_passkeys"("credential_key");

-- CreateIndex
CREATE INDEX "auth_passkeys_user_id_idx" ON "auth_passkeys"("user_id");

-- CreateIndex
CREATE UNIQUE INDEX "auth_access_keys_public_id_key" ON "auth_access_keys"("public_id");

-- CreateIndex
CREATE INDEX "auth_access_keys_user_id_idx" ON "auth_access_keys"("user_id");

-- CreateIndex
CREATE UNIQUE INDEX "auth_tenants_slug_key" ON "auth_tenants"("slug");

-- CreateIndex
CREATE UNIQUE INDEX "auth_tenants_domain_key" ON "auth_tenants"("domain");

-- CreateIndex
CREATE INDEX "auth_tenants_parent_id_idx" ON "auth_tenants"("parent_id");

-- CreateIndex
CREATE INDEX "auth_memberships_tenant_id_idx" ON "auth_memberships"("tenant_id");

-- CreateIndex
CREATE UNIQUE INDEX "auth_memberships_user_id_scope_key" ON "auth_memberships"("user_id", "scope");

-- CreateIndex
CREATE INDEX "auth_membership_roles_role_id_idx" ON "auth_membership_roles"("role_id");

-- CreateIndex
CREATE UNIQUE INDEX "auth_platform_access_user_id_key" ON "auth_platform_access"("user_id");

-- CreateIndex
CREATE INDEX "auth_platform_access_roles_role_id_idx" ON "auth_platform_access_roles"("role_id");

-- CreateIndex
CREATE INDEX "auth_roles_tenant_id_idx" ON "auth_roles"("tenant_id");

-- CreateIndex
CREATE UNIQUE INDEX "auth_roles_guard_scope_name_key" ON "auth_roles"("guard", "scope", "name");

-- CreateIndex
CREATE INDEX "auth_permissions_category_idx" ON "auth_permissions"("category");

-- CreateIndex
CREATE UNIQUE INDEX "auth_permissions_guard_name_key" ON "auth_permissions"("guard", "name");

-- CreateIndex
CREATE INDEX "auth_role_permissions_permission_id_idx" ON "auth_role_permissions"("permission_id");

-- CreateIndex
CREATE INDEX "auth_role_inheritance_inherited_id_idx" ON "auth_role_inheritance"("inherited_id");

-- CreateIndex
CREATE UNIQUE INDEX "auth_invitations_token_hash_key" ON "auth_invitations"("token_hash");

-- CreateIndex
CREATE UNIQUE INDEX "auth_invitations_pending_key_key" ON "auth_invitations"("pending_key");

-- CreateIndex
CREATE INDEX "auth_invitations_tenant_id_idx" ON "auth_invitations"("tenant_id");

-- CreateIndex
CREATE UNIQUE INDEX "auth_admin_users_email_key" ON "auth_admin_users"("email");

-- CreateIndex
CREATE UNIQUE INDEX "auth_admin_sessions_token_hash_key" ON "auth_admin_sessions"("token_hash");

-- CreateIndex
CREATE INDEX "auth_admin_sessions_admin_id_idx" ON "auth_admin_sessions"("admin_id");

-- CreateIndex
CREATE INDEX "auth_audit_logs_user_id_at_idx" ON "auth_audit_logs"("user_id", "at");

-- CreateIndex
CREATE INDEX "auth_audit_logs_tenant_id_at_idx" ON "auth_audit_logs"("tenant_id", "at");

-- CreateIndex
CREATE INDEX "auth_audit_logs_event_at_idx" ON "auth_audit_logs"("event", "at");

-- CreateIndex
CREATE INDEX "auth_audit_logs_at_idx" ON "auth_audit_logs"("at");

-- CreateIndex
CREATE UNIQUE INDEX "auth_blocked_email_domains_domain_key" ON "auth_blocked_email_domains"("domain");

-- CreateIndex
CREATE UNIQUE INDEX "auth_signing_keys_sequence_key" ON "auth_signing_keys"("sequence");

-- CreateIndex
CREATE UNIQUE INDEX "auth_signing_keys_kid_key" ON "auth_signing_keys"("kid");

-- CreateIndex
CREATE INDEX "auth_messages_user_id_idx" ON "auth_messages"("user_id");

-- CreateIndex
CREATE INDEX "auth_messages_sent_at_next_attempt_at_idx" ON "auth_messages"("sent_at", "next_attempt_at");

-- CreateIndex
CREATE INDEX "auth_messages_recipient_hash_created_at_idx" ON "auth_messages"("recipient_hash", "created_at");

-- CreateIndex
CREATE INDEX "auth_changes_at_idx" ON "auth_changes"("at");

-- CreateIndex
CREATE INDEX "auth_rate_limits_expires_at_idx" ON "auth_rate_limits"("expires_at");
