-- CreateTable
CREATE TABLE `auth_users` (
    `id` VARCHAR(191) NOT NULL,
    `realm` VARCHAR(191) NOT NULL DEFAULT '',
    `email` VARCHAR(320) NULL,
    `email_verified_at` DATETIME(3) NULL,
    `phone` VARCHAR(191) NULL,
    `phone_verified_at` DATETIME(3) NULL,
    `username` VARCHAR(191) NULL,
    `password_hash` TEXT NULL,
    `password_changed_at` DATETIME(3) NULL,
    `password_history` JSON NULL,
    `must_change_password` BOOLEAN NOT NULL DEFAULT false,
    `mfa_enabled` BOOLEAN NOT NULL DEFAULT false,
    `status` VARCHAR(191) NOT NULL DEFAULT 'active',
    `suspended_until` DATETIME(3) NULL,
    `suspended_reason` VARCHAR(191) NULL,
    `failed_logins` INTEGER NOT NULL DEFAULT 0,
    `failed_since` DATETIME(3) NULL,
    `locked_until` DATETIME(3) NULL,
    `last_login_at` DATETIME(3) NULL,
    `locale` VARCHAR(191) NULL,
    `metadata` JSON NULL,
    `created_at` DATETIME(3) NOT NULL,
    `updated_at` DATETIME(3) NOT NULL,

    INDEX `auth_users_created_at_idx`(`created_at`),
    UNIQUE INDEX `auth_users_realm_email_key`(`realm`, `email`),
    UNIQUE INDEX `auth_users_realm_phone_key`(`realm`, `phone`),
    UNIQUE INDEX `auth_users_realm_username_key`(`realm`, `username`),
    PRIMARY KEY (`id`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- CreateTable
CREATE TABLE `auth_identities` (
    `id` VARCHAR(191) NOT NULL,
    `user_id` VARCHAR(191) NOT NULL,
    `provider` VARCHAR(191) NOT NULL,
    `provider_user_id` VARCHAR(255) NOT NULL,
    `realm` VARCHAR(191) NOT NULL DEFAULT '',
    `email` VARCHAR(320) NULL,
    `email_verified` BOOLEAN NOT NULL DEFAULT false,
    `profile` JSON NULL,
    `tokens` TEXT NULL,
    `last_used_at` DATETIME(3) NULL,
    `created_at` DATETIME(3) NOT NULL,

    INDEX `auth_identities_user_id_idx`(`user_id`),
    UNIQUE INDEX `auth_identities_provider_provider_user_id_realm_key`(`provider`, `provider_user_id`, `realm`),
    PRIMARY KEY (`id`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- CreateTable
CREATE TABLE `auth_sessions` (
    `id` VARCHAR(191) NOT NULL,
    `user_id` VARCHAR(191) NOT NULL,
    `tenant_id` VARCHAR(191) NULL,
    `refresh_hash` VARCHAR(191) NOT NULL,
    `successor` TEXT NULL,
    `generation` INTEGER NOT NULL DEFAULT 1,
    `rotated_at` DATETIME(3) NULL,
    `amr` VARCHAR(191) NOT NULL,
    `authenticated_at` DATETIME(3) NOT NULL,
    `confirmed_at` DATETIME(3) NULL,
    `confirmed_amr` VARCHAR(191) NULL,
    `user_data` JSON NULL,
    `ip` VARCHAR(191) NULL,
    `user_agent` TEXT NULL,
    `device_name` VARCHAR(191) NULL,
    `remember` BOOLEAN NOT NULL DEFAULT true,
    `impersonator_id` VARCHAR(191) NULL,
    `last_used_at` DATETIME(3) NOT NULL,
    `created_at` DATETIME(3) NOT NULL,
    `expires_at` DATETIME(3) NOT NULL,
    `revoked_at` DATETIME(3) NULL,
    `revoked_reason` VARCHAR(191) NULL,

    INDEX `auth_sessions_user_id_idx`(`user_id`),
    INDEX `auth_sessions_expires_at_idx`(`expires_at`),
    PRIMARY KEY (`id`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- CreateTable
CREATE TABLE `auth_otps` (
    `id` VARCHAR(191) NOT NULL,
    `user_id` VARCHAR(191) NULL,
    `target` VARCHAR(320) NOT NULL,
    `purpose` VARCHAR(191) NOT NULL,
    `code_hash` VARCHAR(191) NULL,
    `token_hash` VARCHAR(191) NULL,
    `live_key` VARCHAR(512) NULL,
    `attempts` INTEGER NOT NULL DEFAULT 0,
    `data` JSON NULL,
    `created_at` DATETIME(3) NOT NULL,
    `expires_at` DATETIME(3) NOT NULL,
    `consumed_at` DATETIME(3) NULL,

    UNIQUE INDEX `auth_otps_token_hash_key`(`token_hash`),
    UNIQUE INDEX `auth_otps_live_key_key`(`live_key`),
    INDEX `auth_otps_user_id_idx`(`user_id`),
    INDEX `auth_otps_expires_at_idx`(`expires_at`),
    PRIMARY KEY (`id`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- CreateTable
CREATE TABLE `auth_mfa_factors` (
    `id` VARCHAR(191) NOT NULL,
    `user_id` VARCHAR(191) NOT NULL,
    `type` VARCHAR(191) NOT NULL,
    `label` VARCHAR(191) NULL,
    `secret` TEXT NULL,
    `confirmed_at` DATETIME(3) NULL,
    `last_used_step` INTEGER NULL,
    `failed_attempts` INTEGER NOT NULL DEFAULT 0,
    `locked_until` DATETIME(3) NULL,
    `last_used_at` DATETIME(3) NULL,
    `created_at` DATETIME(3) NOT NULL,

    INDEX `auth_mfa_factors_user_id_idx`(`user_id`),
    PRIMARY KEY (`id`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- CreateTable
CREATE TABLE `auth_recovery_codes` (
    `id` VARCHAR(191) NOT NULL,
    `user_id` VARCHAR(191) NOT NULL,
    `code_hash` VARCHAR(191) NOT NULL,
    `used_at` DATETIME(3) NULL,
    `created_at` DATETIME(3) NOT NULL,

    UNIQUE INDEX `auth_recovery_codes_user_id_code_hash_key`(`user_id`, `code_hash`),
    PRIMARY KEY (`id`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- CreateTable
CREATE TABLE `auth_trusted_devices` (
    `id` VARCHAR(191) NOT NULL,
    `user_id` VARCHAR(191) NOT NULL,
    `token_hash` VARCHAR(191) NOT NULL,
    `name` VARCHAR(191) NULL,
    `ip` VARCHAR(191) NULL,
    `user_agent` TEXT NULL,
    `last_used_at` DATETIME(3) NULL,
    `created_at` DATETIME(3) NOT NULL,
    `expires_at` DATETIME(3) NOT NULL,

    UNIQUE INDEX `auth_trusted_devices_token_hash_key`(`token_hash`),
    INDEX `auth_trusted_devices_user_id_idx`(`user_id`),
    PRIMARY KEY (`id`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- CreateTable
CREATE TABLE `auth_passkeys` (
    `id` VARCHAR(191) NOT NULL,
    `user_id` VARCHAR(191) NOT NULL,
    `credential_id` TEXT NOT NULL,
    `credential_key` VARCHAR(191) NOT NULL,
    `public_key` LONGBLOB NOT NULL,
    `counter` BIGINT NOT NULL DEFAULT 0,
    `transports` VARCHAR(191) NULL,
    `device_type` VARCHAR(191) NOT NULL,
    `backed_up` BOOLEAN NOT NULL DEFAULT false,
    `aaguid` VARCHAR(191) NULL,
    `name` VARCHAR(191) NULL,
    `last_used_at` DATETIME(3) NULL,
    `created_at` DATETIME(3) NOT NULL,

    UNIQUE INDEX `auth_passkeys_credential_key_key`(`credential_key`),
    INDEX `auth_passkeys_user_id_idx`(`user_id`),
    PRIMARY KEY (`id`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- CreateTable
CREATE TABLE `auth_access_keys` (
    `id` VARCHAR(191) NOT NULL,
    `user_id` VARCHAR(191) NOT NULL,
    `tenant_id` VARCHAR(191) NULL,
    `public_id` VARCHAR(191) NOT NULL,
    `secret_hash` VARCHAR(191) NOT NULL,
    `name` VARCHAR(191) NOT NULL,
    `permissions` JSON NULL,
    `created_at` DATETIME(3) NOT NULL,
    `expires_at` DATETIME(3) NULL,
    `last_used_at` DATETIME(3) NULL,
    `revoked_at` DATETIME(3) NULL,

    UNIQUE INDEX `auth_access_keys_public_id_key`(`public_id`),
    INDEX `auth_access_keys_user_id_idx`(`user_id`),
    PRIMARY KEY (`id`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- CreateTable
CREATE TABLE `auth_tenants` (
    `id` VARCHAR(191) NOT NULL,
    `slug` VARCHAR(191) NOT NULL,
    `name` VARCHAR(191) NOT NULL,
    `domain` VARCHAR(191) NULL,
    `parent_id` VARCHAR(191) NULL,
    `status` VARCHAR(191) NOT NULL DEFAULT 'active',
    `metadata` JSON NULL,
    `locale` VARCHAR(191) NULL,
    `created_at` DATETIME(3) NOT NULL,
    `updated_at` DATETIME(3) NOT NULL,

    UNIQUE INDEX `auth_tenants_slug_key`(`slug`),
    UNIQUE INDEX `auth_tenants_domain_key`(`domain`),
    INDEX `auth_tenants_parent_id_idx`(`parent_id`),
    PRIMARY KEY (`id`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- CreateTable
CREATE TABLE `auth_memberships` (
    `id` VARCHAR(191) NOT NULL,
    `user_id` VARCHAR(191) NOT NULL,
    `tenant_id` VARCHAR(191) NULL,
    `scope` VARCHAR(191) NOT NULL,
    `status` VARCHAR(191) NOT NULL DEFAULT 'active',
    `is_default` BOOLEAN NOT NULL DEFAULT false,
    `display_name` VARCHAR(191) NULL,
    `metadata` JSON NULL,
    `invited_by_id` VARCHAR(191) NULL,
    `created_at` DATETIME(3) NOT NULL,
    `updated_at` DATETIME(3) NOT NULL,

    INDEX `auth_memberships_tenant_id_idx`(`tenant_id`),
    UNIQUE INDEX `auth_memberships_user_id_scope_key`(`user_id`, `scope`),
    PRIMARY KEY (`id`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- CreateTable
CREATE TABLE `auth_membership_roles` (
    `membership_id` VARCHAR(191) NOT NULL,
    `role_id` VARCHAR(191) NOT NULL,

    INDEX `auth_membership_roles_role_id_idx`(`role_id`),
    PRIMARY KEY (`membership_id`, `role_id`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- CreateTable
CREATE TABLE `auth_platform_access` (
    `id` VARCHAR(191) NOT NULL,
    `user_id` VARCHAR(191) NOT NULL,
    `created_at` DATETIME(3) NOT NULL,

    UNIQUE INDEX `auth_platform_access_user_id_key`(`user_id`),
    PRIMARY KEY (`id`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- CreateTable
CREATE TABLE `auth_platform_access_roles` (
    `platform_access_id` VARCHAR(191) NOT NULL,
    `role_id` VARCHAR(191) NOT NULL,

    INDEX `auth_platform_access_roles_role_id_idx`(`role_id`),
    PRIMARY KEY (`platform_access_id`, `role_id`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- CreateTable
CREATE TABLE `auth_roles` (
    `id` VARCHAR(191) NOT NULL,
    `guard` VARCHAR(191) NOT NULL DEFAULT 'web',
    `scope` VARCHAR(191) NOT NULL DEFAULT 'global',
    `tenant_id` VARCHAR(191) NULL,
    `name` VARCHAR(191) NOT NULL,
    `description` VARCHAR(191) NULL,
    `is_system` BOOLEAN NOT NULL DEFAULT false,
    `is_default` BOOLEAN NOT NULL DEFAULT false,
    `is_active` BOOLEAN NOT NULL DEFAULT true,
    `created_at` DATETIME(3) NOT NULL,
    `updated_at` DATETIME(3) NOT NULL,

    INDEX `auth_roles_tenant_id_idx`(`tenant_id`),
    UNIQUE INDEX `auth_roles_guard_scope_name_key`(`guard`, `scope`, `name`),
    PRIMARY KEY (`id`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- CreateTable
CREATE TABLE `auth_permissions` (
    `id` VARCHAR(191) NOT NULL,
    `guard` VARCHAR(191) NOT NULL DEFAULT 'web',
    `name` VARCHAR(191) NOT NULL,
    `description` VARCHAR(191) NULL,
    `category` VARCHAR(191) NULL,
    `created_at` DATETIME(3) NOT NULL,

    INDEX `auth_permissions_category_idx`(`category`),
    UNIQUE INDEX `auth_permissions_guard_name_key`(`guard`, `name`),
    PRIMARY KEY (`id`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- CreateTable
CREATE TABLE `auth_role_permissions` (
    `role_id` VARCHAR(191) NOT NULL,
    `permission_id` VARCHAR(191) NOT NULL,

    INDEX `auth_role_permissions_permission_id_idx`(`permission_id`),
    PRIMARY KEY (`role_id`, `permission_id`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- CreateTable
CREATE TABLE `auth_role_inheritance` (
    `role_id` VARCHAR(191) NOT NULL,
    `inherited_id` VARCHAR(191) NOT NULL,

    INDEX `auth_role_inheritance_inherited_id_idx`(`inherited_id`),
    PRIMARY KEY (`role_id`, `inherited_id`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- CreateTable
CREATE TABLE `auth_invitations` (
    `id` VARCHAR(191) NOT NULL,
    `tenant_id` VARCHAR(191) NOT NULL,
    `email` VARCHAR(320) NULL,
    `phone` VARCHAR(191) NULL,
    `roles` JSON NOT NULL,
    `token_hash` VARCHAR(191) NOT NULL,
    `status` VARCHAR(191) NOT NULL DEFAULT 'pending',
    `pending_key` VARCHAR(512) NULL,
    `invited_by_id` VARCHAR(191) NULL,
    `created_at` DATETIME(3) NOT NULL,
    `expires_at` DATETIME(3) NOT NULL,
    `accepted_at` DATETIME(3) NULL,

    UNIQUE INDEX `auth_invitations_token_hash_key`(`token_hash`),
    UNIQUE INDEX `auth_invitations_pending_key_key`(`pending_key`),
    INDEX `auth_invitations_tenant_id_idx`(`tenant_id`),
    PRIMARY KEY (`id`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- CreateTable
CREATE TABLE `auth_admin_users` (
    `id` VARCHAR(191) NOT NULL,
    `email` VARCHAR(320) NOT NULL,
    `name` VARCHAR(191) NULL,
    `password_hash` TEXT NOT NULL,
    `totp_secret` TEXT NULL,
    `totp_last_step` INTEGER NULL,
    `failed_logins` INTEGER NOT NULL DEFAULT 0,
    `failed_since` DATETIME(3) NULL,
    `locked_until` DATETIME(3) NULL,
    `last_login_at` DATETIME(3) NULL,
    `created_at` DATETIME(3) NOT NULL,
    `updated_at` DATETIME(3) NOT NULL,

    UNIQUE INDEX `auth_admin_users_email_key`(`email`),
    PRIMARY KEY (`id`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- CreateTable
CREATE TABLE `auth_admin_sessions` (
    `id` VARCHAR(191) NOT NULL,
    `admin_id` VARCHAR(191) NOT NULL,
    `token_hash` VARCHAR(191) NOT NULL,
    `ip` VARCHAR(191) NULL,
    `user_agent` TEXT NULL,
    `authenticated_at` DATETIME(3) NOT NULL,
    `last_used_at` DATETIME(3) NOT NULL,
    `created_at` DATETIME(3) NOT NULL,
    `expires_at` DATETIME(3) NOT NULL,

    UNIQUE INDEX `auth_admin_sessions_token_hash_key`(`token_hash`),
    INDEX `auth_admin_sessions_admin_id_idx`(`admin_id`),
    PRIMARY KEY (`id`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- CreateTable
CREATE TABLE `auth_audit_logs` (
    `id` VARCHAR(191) NOT NULL,
    `at` DATETIME(3) NOT NULL,
    `event` VARCHAR(191) NOT NULL,
    `outcome` VARCHAR(191) NOT NULL,
    `actor_type` VARCHAR(191) NOT NULL,
    `actor_id` VARCHAR(191) NULL,
    `user_id` VARCHAR(191) NULL,
    `tenant_id` VARCHAR(191) NULL,
    `session_id` VARCHAR(191) NULL,
    `ip` VARCHAR(191) NULL,
    `user_agent` TEXT NULL,
    `request_id` VARCHAR(191) NULL,
    `data` JSON NULL,

    INDEX `auth_audit_logs_user_id_at_idx`(`user_id`, `at`),
    INDEX `auth_audit_logs_tenant_id_at_idx`(`tenant_id`, `at`),
    INDEX `auth_audit_logs_event_at_idx`(`event`, `at`),
    INDEX `auth_audit_logs_at_idx`(`at`),
    PRIMARY KEY (`id`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- CreateTable
CREATE TABLE `auth_blocked_email_domains` (
    `id` VARCHAR(191) NOT NULL,
    `domain` VARCHAR(191) NOT NULL,
    `source` VARCHAR(191) NULL,
    `created_at` DATETIME(3) NOT NULL,

    UNIQUE INDEX `auth_blocked_email_domains_domain_key`(`domain`),
    PRIMARY KEY (`id`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- CreateTable
CREATE TABLE `auth_signing_keys` (
    `id` VARCHAR(191) NOT NULL,
    `sequence` INTEGER NOT NULL,
    `kid` VARCHAR(191) NOT NULL,
    `algorithm` VARCHAR(191) NOT NULL,
    `public_jwk` JSON NULL,
    `private_key` TEXT NOT NULL,
    `state` VARCHAR(191) NOT NULL DEFAULT 'live',
    `created_at` DATETIME(3) NOT NULL,
    `activates_at` DATETIME(3) NOT NULL,
    `retires_at` DATETIME(3) NOT NULL,
    `expires_at` DATETIME(3) NOT NULL,

    UNIQUE INDEX `auth_signing_keys_sequence_key`(`sequence`),
    UNIQUE INDEX `auth_signing_keys_kid_key`(`kid`),
    PRIMARY KEY (`id`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- CreateTable
CREATE TABLE `auth_messages` (
    `id` VARCHAR(191) NOT NULL,
    `channel` VARCHAR(191) NOT NULL,
    `kind` VARCHAR(191) NOT NULL,
    `user_id` VARCHAR(191) NULL,
    `recipient_hash` VARCHAR(191) NOT NULL,
    `payload` TEXT NULL,
    `attempts` INTEGER NOT NULL DEFAULT 0,
    `next_attempt_at` DATETIME(3) NOT NULL,
    `claimed_by` VARCHAR(191) NULL,
    `claimed_until` DATETIME(3) NULL,
    `last_error` TEXT NULL,
    `created_at` DATETIME(3) NOT NULL,
    `sent_at` DATETIME(3) NULL,
    `failed_at` DATETIME(3) NULL,

    INDEX `auth_messages_user_id_idx`(`user_id`),
    INDEX `auth_messages_sent_at_next_attempt_at_idx`(`sent_at`, `next_attempt_at`),
    INDEX `auth_messages_recipient_hash_created_at_idx`(`recipient_hash`, `created_at`),
    PRIMARY KEY (`id`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- CreateTable
CREATE TABLE `auth_changes` (
    `seq` BIGINT NOT NULL AUTO_INCREMENT,
    `kind` VARCHAR(191) NOT NULL,
    `subject_id` VARCHAR(191) NOT NULL,
    `at` DATETIME(3) NOT NULL,

    INDEX `auth_changes_at_idx`(`at`),
    PRIMARY KEY (`seq`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- CreateTable
CREATE TABLE `auth_rate_limits` (
    `key` VARCHAR(191) NOT NULL,
    `count` INTEGER NOT NULL,
    `expires_at` DATETIME(3) NOT NULL,

    INDEX `auth_rate_limits_expires_at_idx`(`expires_at`),
    PRIMARY KEY (`key`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- AddForeignKey
ALTER TABLE `auth_identities` ADD CONSTRAINT `auth_identities_user_id_fkey` FOREIGN KEY (`user_id`) REFERENCES `auth_users`(`id`) ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE `auth_sessions` ADD CONSTRAINT `auth_sessions_user_id_fkey` FOREIGN KEY (`user_id`) REFERENCES `auth_users`(`id`) ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE `auth_otps` ADD CONSTRAINT `auth_otps_user_id_fkey` FOREIGN KEY (`user_id`) REFERENCES `auth_users`(`id`) ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE `auth_mfa_factors` ADD CONSTRAINT `auth_mfa_factors_user_id_fkey` FOREIGN KEY (`user_id`) REFERENCES `auth_users`(`id`) ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE `auth_recovery_codes` ADD CONSTRAINT `auth_recovery_codes_user_id_fkey` FOREIGN KEY (`user_id`) REFERENCES `auth_users`(`id`) ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE `auth_trusted_devices` ADD CONSTRAINT `auth_trusted_devices_user_id_fkey` FOREIGN KEY (`user_id`) REFERENCES `auth_users`(`id`) ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE `auth_passkeys` ADD CONSTRAINT `auth_passkeys_user_id_fkey` FOREIGN KEY (`user_id`) REFERENCES `auth_users`(`id`) ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE `auth_access_keys` ADD CONSTRAINT `auth_access_keys_user_id_fkey` FOREIGN KEY (`user_id`) REFERENCES `auth_users`(`id`) ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE `auth_tenants` ADD CONSTRAINT `auth_tenants_parent_id_fkey` FOREIGN KEY (`parent_id`) REFERENCES `auth_tenants`(`id`) ON DELETE SET NULL ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE `auth_memberships` ADD CONSTRAINT `auth_memberships_user_id_fkey` FOREIGN KEY (`user_id`) REFERENCES `auth_users`(`id`) ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE `auth_memberships` ADD CONSTRAINT `auth_memberships_tenant_id_fkey` FOREIGN KEY (`tenant_id`) REFERENCES `auth_tenants`(`id`) ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE `auth_membership_roles` ADD CONSTRAINT `auth_membership_roles_membership_id_fkey` FOREIGN KEY (`membership_id`) REFERENCES `auth_memberships`(`id`) ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE `auth_membership_roles` ADD CONSTRAINT `auth_membership_roles_role_id_fkey` FOREIGN KEY (`role_id`) REFERENCES `auth_roles`(`id`) ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE `auth_platform_access` ADD CONSTRAINT `auth_platform_access_user_id_fkey` FOREIGN KEY (`user_id`) REFERENCES `auth_users`(`id`) ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE `auth_platform_access_roles` ADD CONSTRAINT `auth_platform_access_roles_platform_access_id_fkey` FOREIGN KEY (`platform_access_id`) REFERENCES `auth_platform_access`(`id`) ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE `auth_platform_access_roles` ADD CONSTRAINT `auth_platform_access_roles_role_id_fkey` FOREIGN KEY (`role_id`) REFERENCES `auth_roles`(`id`) ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE `auth_roles` ADD CONSTRAINT `auth_roles_tenant_id_fkey` FOREIGN KEY (`tenant_id`) REFERENCES `auth_tenants`(`id`) ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE `auth_role_permissions` ADD CONSTRAINT `auth_role_permissions_role_id_fkey` FOREIGN KEY (`role_id`) REFERENCES `auth_roles`(`id`) ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE `auth_role_permissions` ADD CONSTRAINT `auth_role_permissions_permission_id_fkey` FOREIGN KEY (`permission_id`) REFERENCES `auth_permissions`(`id`) ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE `auth_role_inheritance` ADD CONSTRAINT `auth_role_inheritance_role_id_fkey` FOREIGN KEY (`role_id`) REFERENCES `auth_roles`(`id`) ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE `auth_role_inheritance` ADD CONSTRAINT `auth_role_inheritance_inherited_id_fkey` FOREIGN KEY (`inherited_id`) REFERENCES `auth_roles`(`id`) ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE `auth_invitations` ADD CONSTRAINT `auth_invitations_tenant_id_fkey` FOREIGN KEY (`tenant_id`) REFERENCES `auth_tenants`(`id`) ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE `auth_admin_sessions` ADD CONSTRAINT `auth_admin_sessions_admin_id_fkey` FOREIGN KEY (`admin_id`) REFERENCES `auth_admin_users`(`id`) ON DELETE CASCADE ON UPDATE CASCADE;
