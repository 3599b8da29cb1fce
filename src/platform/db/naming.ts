import { DefaultNamingStrategy, type NamingStrategyInterface } from 'typeorm'

export const snakeCase = (name: string): string =>
  name.replace(/[A-Z]/g, letter => `_${letter.toLowerCase()}`)

/** Properties are camelCase in TypeScript, columns snake_case in SQL; both are written once. */
export class SnakeNaming extends DefaultNamingStrategy implements NamingStrategyInterface {
  override columnName(propertyName: string, customName: string | undefined, prefixes: string[]): string {
    return snakeCase([...prefixes, customName ?? propertyName].join('_'))
  }
  override joinColumnName(relationName: string, referencedColumnName: string): string {
    return snakeCase(`${relationName}_${referencedColumnName}`)
  }
  override primaryKeyName(table: string | { name: string }): string {
    return `${typeof table === 'string' ? table : table.name}_pkey`
  }
  override uniqueConstraintName(table: string | { name: string }, columns: string[]): string {
    return `${typeof table === 'string' ? table : table.name}_${columns.join('_')}_key`
  }
  override foreignKeyName(table: string | { name: string }, columns: string[]): string {
    return `${typeof table === 'string' ? table : table.name}_${columns.join('_')}_fkey`
  }
}
