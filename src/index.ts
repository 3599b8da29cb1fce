/** What is promised to those who embed the gateway or write a storage driver for it. */
export { type App, createApp } from './app.ts'
export { type Config, loadConfig } from './config.ts'
export type { Overrides } from './foundation.ts'
export { ConfigError } from './platform/config.ts'
export { AppError } from './platform/errors.ts'
export {
  type ByteRange,
  type JoinedPart,
  type JoinedWrites,
  type ObjectFiles,
  type PresignedParts,
  type PresignedRequest,
  type PresignedUrls,
  type PresignedWrites,
  type PresignGet,
  type PresignParts,
  type PresignPut,
  type ResumableWrites,
  StorageConflict,
  type StorageDriver,
  type UploadHandle,
  type WriteHints,
} from './platform/storage/driver.ts'
export { isStorageKey, type StorageKey, storageKey } from './platform/storage/key.ts'
export type { DriverModule } from './platform/storage/storage-url.ts'
export { describeStorageDriver, type StoreCapabilities } from './platform/storage/suite/storage-driver.ts'
export type { StoreUnderTest } from './platform/storage/suite/store-under-test.ts'
