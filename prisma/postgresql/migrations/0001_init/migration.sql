-- CreateSchema
CREATE SCHEMA IF NOT EXISTS "public";

-- CreateTable
CREATE TABLE "auth_users" (
    "id" TEXT NOT NULL,
    "realm" TEXT NOT NULL DEFAULT '',
    "email" TEXT,
    "email_verified_at" TIMESTAMP(3),
    "phone" TEXT,
    "phone_verified_at" TIMESTAMP(3),
    "username" TEXT,
    "password_hash" TEXT,
    "password_changed_at" TIMESTAMP(3),
    "password_history" JSONB,
    "must_change_password" BOOLEAN NOT NULL DEFAULT false,
    "mfa_enabled" BOOLEAN NOT NULL DEFAULT false,
    "status" TEXT NOT NULL DEFAULT 'active',
    "suspended_until" TIMESTAMP(3),
    "suspended_reason" TEXT,
    "failed_logins" INTEGER NOT NULL DEFAULT 0,
    "failed_since" TIMESTAMP(3),
    "locked_until" TIMESTAMP(3),
    "last_login_at" TIMESTAMP(3),
    "locale" TEXT,
    "metadata" JSONB,
    "created_at" TIMESTAMP(3) NOT NULL,
    "updated_at" TIMESTAMP(3) NOT NULL,

    CONSTRAINT "auth_users_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "auth_identities" (
    "id" TEXT NOT NULL,
    "user_id" TEXT NOT NULL,
    "provider" TEXT NOT NULL,
    "provider_user_id" TEXT NOT NULL,
    "realm" TEXT NOT NULL DEFAULT '',
    "email" TEXT,
    "email_verified" BOOLEAN NOT NULL DEFAULT false,
    "profile" JSONB,
    "tokens" TEXT,
    "last_used_at" TIMESTAMP(3),
    "created_at" TIMESTAMP(3) NOT NULL,

    CONSTRAINT "auth_identities_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "auth_sessions" (
    "id" TEXT NOT NULL,
    "user_id" TEXT NOT NULL,
    "tenant_id" TEXT,
    "refresh_hash" TEXT NOT NULL,
    "successor" TEXT,
    "generation" INTEGER NOT NULL DEFAULT 1,
    "rotated_at" TIMESTAMP(3),
    "amr" TEXT NOT NULL,
    "authenticated_at" TIMESTAMP(3) NOT NULL,
    "confirmed_at" TIMESTAMP(3),
    "confirmed_amr" TEXT,
    "user_data" JSONB,
    "ip" TEXT,
    "user_agent" TEXT,
    "device_name" TEXT,
    "remember" BOOLEAN NOT NULL DEFAULT true,
    "impersonator_id" TEXT,
    "last_used_at" TIMESTAMP(3) NOT NULL,
    "created_at" TIMESTAMP(3) NOT NULL,
    "expires_at" TIMESTAMP(3) NOT NULL,
    "revoked_at" TIMESTAMP(3),
    "revoked_reason" TEXT,

    CONSTRAINT "auth_sessions_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "auth_otps" (
    "id" TEXT NOT NULL,
    "user_id" TEXT,
    "target" TEXT NOT NULL,
    "purpose" TEXT NOT NULL,
    "code_hash" TEXT,
    "token_hash" TEXT,
    "live_key" TEXT,
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "data" JSONB,
    "created_at" TIMESTAMP(3) NOT NULL,
    "expires_at" TIMESTAMP(3) NOT NULL,
    "consumed_at" TIMESTAMP(3),

    CONSTRAINT "auth_otps_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "auth_mfa_factors" (
    "id" TEXT NOT NULL,
    "user_id" TEXT NOT NULL,
    "type" TEXT NOT NULL,
    "label" TEXT,
    "secret" TEXT,
    "confirmed_at" TIMESTAMP(3),
    "last_used_step" INTEGER,
    "failed_attempts" INTEGER NOT NULL DEFAULT 0,
    "locked_until" TIMESTAMP(3),
    "last_used_at" TIMESTAMP(3),
    "created_at" TIMESTAMP(3) NOT NULL,

    CONSTRAINT "auth_mfa_factors_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "auth_recovery_codes" (
    "id" TEXT NOT NULL,
    "user_id" TEXT NOT NULL,
    "code_hash" TEXT NOT NULL,
    "used_at" TIMESTAMP(3),
    "created_at" TIMESTAMP(3) NOT NULL,

    CONSTRAINT "auth_recovery_codes_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "auth_trusted_devices" (
    "id" TEXT NOT NULL,
    "user_id" TEXT NOT NULL,
    "token_hash" TEXT NOT NULL,
    "name" TEXT,
    "ip" TEXT,
    "user_agent" TEXT,
    "last_used_at" TIMESTAMP(3),
    "created_at" TIMESTAMP(3) NOT NULL,
    "expires_at" TIMESTAMP(3) NOT NULL,

    CONSTRAINT "auth_trusted_devices_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "auth_passkeys" (
    "id" TEXT NOT NULL,
    "user_id" TEXT NOT NULL,
    "credential_id" TEXT NOT NULL,
    "credential_key" TEXT NOT NULL,
    "public_key" BYTEA NOT NULL,
    "counter" BIGINT NOT NULL DEFAULT 0,
    "transports" TEXT,
    "device_type" TEXT NOT NULL,
    "backed_up" BOOLEAN NOT NULL DEFAULT false,
    "aaguid" TEXT,
    "name" TEXT,
    "last_used_at" TIMESTAMP(3),
    "created_at" TIMESTAMP(3) NOT NULL,

    CONSTRAINT "auth_passkeys_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "auth_access_keys" (
    "id" TEXT NOT NULL,
    "user_id" TEXT NOT NULL,
    "tenant_id" TEXT,
    "public_id" TEXT NOT NULL,
    "secret_hash" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "permissions" JSONB,
    "created_at" TIMESTAMP(3) NOT NULL,
    "expires_at" TIMESTAMP(3),
    "last_used_at" TIMESTAMP(3),
    "revoked_at" TIMESTAMP(3),

    CONSTRAINT "auth_access_keys_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "auth_tenants" (
    "id" TEXT NOT NULL,
    "slug" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "domain" TEXT,
    "parent_id" TEXT,
    "status" TEXT NOT NULL DEFAULT 'active',
    "metadata" JSONB,
    "locale" TEXT,
    "created_at" TIMESTAMP(3) NOT NULL,
    "updated_at" TIMESTAMP(3) NOT NULL,

    CONSTRAINT "auth_tenants_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "auth_memberships" (
    "id" TEXT NOT NULL,
    "user_id" TEXT NOT NULL,
    "tenant_id" TEXT,
    "scope" TEXT NOT NULL,
    "status" TEXT NOT NULL DEFAULT 'active',
    "is_default" BOOLEAN NOT NULL DEFAULT false,
    "display_name" TEXT,
    "metadata" JSONB,
    "invited_by_id" TEXT,
    "created_at" TIMESTAMP(3) NOT NULL,
    "updated_at" TIMESTAMP(3) NOT NULL,

    CONSTRAINT "auth_memberships_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "auth_membership_roles" (
    "membership_id" TEXT NOT NULL,
    "role_id" TEXT NOT NULL,

    CONSTRAINT "auth_membership_roles_pkey" PRIMARY KEY ("membership_id","role_id")
);

-- CreateTable
CREATE TABLE "auth_platform_access" (
    "id" TEXT NOT NULL,
    "user_id" TEXT NOT NULL,
    "created_at" TIMESTAMP(3) NOT NULL,

    CONSTRAINT "auth_platform_access_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "auth_platform_access_roles" (
    "platform_access_id" TEXT NOT NULL,
    "role_id" TEXT NOT NULL,

    CONSTRAINT "auth_platform_access_roles_pkey" PRIMARY KEY ("platform_access_id","role_id")
);

-- CreateTable
CREATE TABLE "auth_roles" (
    "id" TEXT NOT NULL,
    "guard" TEXT NOT NULL DEFAULT 'web',
    "scope" TEXT NOT NULL DEFAULT 'global',
    "tenant_id" TEXT,
    "name" TEXT NOT NULL,
    "description" TEXT,
    "is_system" BOOLEAN NOT NULL DEFAULT false,
    "is_default" BOOLEAN NOT NULL DEFAULT false,
    "is_active" BOOLEAN NOT NULL DEFAULT true,
    "created_at" TIMESTAMP(3) NOT NULL,
    "updated_at" TIMESTAMP(3) NOT NULL,

    CONSTRAINT "auth_roles_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "auth_permissions" (
    "id" TEXT NOT NULL,
    "guard" TEXT NOT NULL DEFAULT 'web',
    "name" TEXT NOT NULL,
    "description" TEXT,
    "category" TEXT,
    "created_at" TIMESTAMP(3) NOT NULL,

    CONSTRAINT "auth_permissions_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "auth_role_permissions" (
    "role_id" TEXT NOT NULL,
    "permission_id" TEXT NOT NULL,

    CONSTRAINT "auth_role_permissions_pkey" PRIMARY KEY ("role_id","permission_id")
);

-- CreateTable
CREATE TABLE "auth_role_inheritance" (
    "role_id" TEXT NOT NULL,
    "inherited_id" TEXT NOT NULL,

    CONSTRAINT "auth_role_inheritance_pkey" PRIMARY KEY ("role_id","inherited_id")
);

-- CreateTable
CREATE TABLE "auth_invitations" (
    "id" TEXT NOT NULL,
    "tenant_id" TEXT NOT NULL,
    "email" TEXT,
    "phone" TEXT,
    "roles" JSONB NOT NULL,
    "token_hash" TEXT NOT NULL,
    "status" TEXT NOT NULL DEFAULT 'pending',
    "pending_key" TEXT,
    "invited_by_id" TEXT,
    "created_at" TIMESTAMP(3) NOT NULL,
    "expires_at" TIMESTAMP(3) NOT NULL,
    "accepted_at" TIMESTAMP(3),

    CONSTRAINT "auth_invitations_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "auth_admin_users" (
    "id" TEXT NOT NULL,
    "email" TEXT NOT NULL,
    "name" TEXT,
    "password_hash" TEXT NOT NULL,
    "totp_secret" TEXT,
    "totp_last_step" INTEGER,
    "failed_logins" INTEGER NOT NULL DEFAULT 0,
    "failed_since" TIMESTAMP(3),
    "locked_until" TIMESTAMP(3),
    "last_login_at" TIMESTAMP(3),
    "created_at" TIMESTAMP(3) NOT NULL,
    "updated_at" TIMESTAMP(3) NOT NULL,

    CONSTRAINT "auth_admin_users_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "auth_admin_sessions" (
    "id" TEXT NOT NULL,
    "admin_id" TEXT NOT NULL,
    "token_hash" TEXT NOT NULL,
    "ip" TEXT,
    "user_agent" TEXT,
    "authenticated_at" TIMESTAMP(3) NOT NULL,
    "last_used_at" TIMESTAMP(3) NOT NULL,
    "created_at" TIMESTAMP(3) NOT NULL,
    "expires_at" TIMESTAMP(3) NOT NULL,

    CONSTRAINT "auth_admin_sessions_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "auth_audit_logs" (
    "id" TEXT NOT NULL,
    "at" TIMESTAMP(3) NOT NULL,
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
    "data" JSONB,

    CONSTRAINT "auth_audit_logs_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "auth_blocked_email_domains" (
    "id" TEXT NOT NULL,
    "domain" TEXT NOT NULL,
    "source" TEXT,
    "created_at" TIMESTAMP(3) NOT NULL,

    CONSTRAINT "auth_blocked_email_domains_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "auth_signing_keys" (
    "id" TEXT NOT NULL,
    "sequence" INTEGER NOT NULL,
    "kid" TEXT NOT NULL,
    "algorithm" TEXT NOT NULL,
    "public_jwk" JSONB,
    "private_key" TEXT NOT NULL,
    "state" TEXT NOT NULL DEFAULT 'live',
    "created_at" TIMESTAMP(3) NOT NULL,
    "activates_at" TIMESTAMP(3) NOT NULL,
    "retires_at" TIMESTAMP(3) NOT NULL,
    "expires_at" TIMESTAMP(3) NOT NULL,

    CONSTRAINT "auth_signing_keys_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "auth_messages" (
    "id" TEXT NOT NULL,
    "channel" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "user_id" TEXT,
    "recipient_hash" TEXT NOT NULL,
    "payload" TEXT,
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "next_attempt_at" TIMESTAMP(3) NOT NULL,
    "claimed_by" TEXT,
    "claimed_until" TIMESTAMP(3),
    "last_error" TEXT,
    "created_at" TIMESTAMP(3) NOT NULL,
    "sent_at" TIMESTAMP(3),
    "failed_at" TIMESTAMP(3),

    CONSTRAINT "auth_messages_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "auth_changes" (
    "seq" BIGSERIAL NOT NULL,
    "kind" TEXT NOT NULL,
    "subject_id" TEXT NOT NULL,
    "at" TIMESTAMP(3) NOT NULL,

    CONSTRAINT "auth_changes_pkey" PRIMARY KEY ("seq")
);

-- CreateTable
CREATE TABLE "auth_rate_limits" (
    "key" TEXT NOT NULL,
    "count" INTEGER NOT NULL,
    "expires_at" TIMESTAMP(3) NOT NULL,

    CONSTRAINT "auth_rate_limits_pkey" PRIMARY KEY ("key")
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

-- AddForeignKey
ALTER TABLE "auth_identities" ADD CONSTRAINT "auth_identities_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "auth_users"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "auth_sessions" ADD CONSTRAINT "auth_sessions_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "auth_users"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "auth_otps" ADD CONSTRAINT "auth_otps_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "auth_users"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "auth_mfa_factors" ADD CONSTRAINT "auth_mfa_factors_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "auth_users"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "auth_recovery_codes" ADD CONSTRAINT "auth_recovery_codes_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "auth_users"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "auth_trusted_devices" ADD CONSTRAINT "auth_trusted_devices_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "auth_users"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "auth_passkeys" ADD CONSTRAINT "auth_passkeys_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "auth_users"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "auth_access_keys" ADD CONSTRAINT "auth_access_keys_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "auth_users"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "auth_tenants" ADD CONSTRAINT "auth_tenants_parent_id_fkey" FOREIGN KEY ("parent_id") REFERENCES "auth_tenants"("id") ON DELETE SET NULL ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "auth_memberships" ADD CONSTRAINT "auth_memberships_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "auth_users"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "auth_memberships" ADD CONSTRAINT "auth_memberships_tenant_id_fkey" FOREIGN KEY ("tenant_id") REFERENCES "auth_tenants"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "auth_membership_roles" ADD CONSTRAINT "auth_membership_roles_membership_id_fkey" FOREIGN KEY ("membership_id") REFERENCES "auth_memberships"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "auth_membership_roles" ADD CONSTRAINT "auth_membership_roles_role_id_fkey" FOREIGN KEY ("role_id") REFERENCES "auth_roles"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "auth_platform_access" ADD CONSTRAINT "auth_platform_access_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "auth_users"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "auth_platform_access_roles" ADD CONSTRAINT "auth_platform_access_roles_platform_access_id_fkey" FOREIGN KEY ("platform_access_id") REFERENCES "auth_platform_access"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "auth_platform_access_roles" ADD CONSTRAINT "auth_platform_access_roles_role_id_fkey" FOREIGN KEY ("role_id") REFERENCES "auth_roles"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "auth_roles" ADD CONSTRAINT "auth_roles_tenant_id_fkey" FOREIGN KEY ("tenant_id") REFERENCES "auth_tenants"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "auth_role_permissions" ADD CONSTRAINT "auth_role_permissions_role_id_fkey" FOREIGN KEY ("role_id") REFERENCES "auth_roles"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "auth_role_permissions" ADD CONSTRAINT "auth_role_permissions_permission_id_fkey" FOREIGN KEY ("permission_id") REFERENCES "auth_permissions"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "auth_role_inheritance" ADD CONSTRAINT "auth_role_inheritance_role_id_fkey" FOREIGN KEY ("role_id") REFERENCES "auth_roles"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "auth_role_inheritance" ADD CONSTRAINT "auth_role_inheritance_inherited_id_fkey" FOREIGN KEY ("inherited_id") REFERENCES "auth_roles"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "auth_invitations" ADD CONSTRAINT "auth_invitations_tenant_id_fkey" FOREIGN KEY ("tenant_id") REFERENCES "auth_tenants"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "auth_admin_sessions" ADD CONSTRAINT "auth_admin_sessions_admin_id_fkey" FOREIGN KEY ("admin_id") REFERENCES "auth_admin_users"("id") ON DELETE CASCADE ON UPDATE CASCADE;
