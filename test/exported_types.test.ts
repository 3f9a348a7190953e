/**
 * Every named type in the public signature of an entry can be imported from one, so that callers can write it: arguments and
 * results of functions, fields of interfaces, public members of classes, and the types in those in turn. Base classes are
 * not named, but their members count; nor is the type of a constant such as `layers`, which `typeof` gives.
 */
import path from 'node:path';
import ts from 'typescript';

const ROOT = path.resolve(__dirname, '..');
const ENTRIES = ['index', 'training/index', 'interop/index', 'plots/index', 'geometry/index'];

const config = ts.readConfigFile(path.join(ROOT, 'tsconfig.json'), (file) => ts.sys.readFile(file));
const { options } = ts.parseJsonConfigFileContent(config.config, ts.sys, ROOT);
const files = ENTRIES.map((entry) => path.join(ROOT, 'src', `${entry}.ts`));
const program = ts.createProgram(files, { ...options, types: ['node'] });
const checker = program.getTypeChecker();

/** Resolves a symbol through imports and exports. */
function original(symbol: ts.Symbol): ts.Symbol {
  return symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
}

function isOurs(symbol: ts.Symbol): boolean {
  const file = symbol.declarations?.[0]?.getSourceFile().fileName ?? '';
  return file.startsWith(path.join(ROOT, 'src')) && !(symbol.flags & ts.SymbolFlags.TypeParameter);
}

function isHidden(node: ts.Node): boolean {
  const flags = ts.canHaveModifiers(node) ? ts.getCombinedModifierFlags(node as ts.Declaration) : 0;
  return (flags & (ts.ModifierFlags.Private | ts.ModifierFlags.Protected)) !== 0;
}

/** The types and the base classes that a declaration names. */
function namesOf(declaration: ts.Node): { readonly types: ts.Symbol[]; readonly bases: ts.Symbol[] } {
  const [types, bases]: [ts.Symbol[], ts.Symbol[]] = [[], []];
  const add = (list: ts.Symbol[], name: ts.Node): void => {
    const symbol = checker.getSymbolAtLocation(name);
    if (symbol) list.push(original(symbol));
  };
  const visit = (node: ts.Node): void => {
    if (ts.isBlock(node) || isHidden(node)) return;
    if (ts.isTypeReferenceNode(node)) add(types, node.typeName);
    if (ts.isHeritageClause(node) && ts.isClassLike(node.parent)) {
      for (const { expression } of node.types) add(bases, expression);
      return;
    }
    if (ts.isExpressionWithTypeArguments(node)) add(types, node.expression);
    ts.forEachChild(node, (child) => {
      // A value is no part of a signature.
      if (child !== (node as { initializer?: ts.Node }).initializer) visit(child);
    });
  };
  visit(declaration);
  return { types, bases };
}

test('every type in a public signature is exported by an entry', () => {
  const exported = files.flatMap((file) => {
    const entry = checker.getSymbolAtLocation(program.getSourceFile(file)!)!;
    return checker.getExportsOfModule(entry).map(original);
  });
  expect(exported.length).toBeGreaterThan(200);
  const importable = new Set(exported);
  const hidden = new Map<ts.Symbol, string>();
  const reached = new Set(exported);
  // A set hands out what is added to it on the way.
  for (const symbol of reached) {
    for (const { types, bases } of (symbol.declarations ?? []).map(namesOf)) {
      for (const type of types.filter(isOurs)) {
        if (!importable.has(type)) hidden.set(type, `${type.name}, in the signature of ${symbol.name}`);
        reached.add(type);
      }
      for (const base of bases.filter(isOurs)) reached.add(base);
    }
  }
  expect([...hidden.values()].sort()).toEqual([]);
});
