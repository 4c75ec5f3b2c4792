export { type RedisBackendOptions, type RedisClient, redisBackend } from './redis-backend.ts'
