// SPDX-License-Identifier: Apache-2.0
package dev.corral.workloads;

import dev.corral.NativeArena;
import java.util.Map;
import java.util.TreeMap;

/**
 * Loads and sums up sales in an arena: a column for each field, of blocks with 4,096 values; texts as the numbers of
 * their symbols; the groups in one block, indexed by region and product.
 */
public final class SalesInArena {
    private static final int ROWS = 4_096;
    private static final int DATE = 0;
    private static final int REGION = 1;
    private static final int PRODUCT = 2;
    private static final int QUANTITY = 3;
    private static final int CENTS = 4;
    private static final int COLUMNS = 5;

    /** A block has all columns of its rows: [next | columns one after the other]. */
    private static final int VALUES = 8;
    private static final int BLOCK = VALUES + COLUMNS * ROWS * Integer.BYTES;

    // A group: [sales | quantity | cents].
    private static final int GROUP = 24;

    private final NativeArena arena;
    private final SymbolTable dates;
    private final SymbolTable regions;
    private final SymbolTable products;
    private long first;
    private long last;
    private int rows;

    private SalesInArena(NativeArena arena) {
        this.arena = arena;
        dates = new SymbolTable(arena);
        regions = new SymbolTable(arena);
        products = new SymbolTable(arena);
    }

    /**
     * Quantity and turnover by region and product.
     *
     * @param file of {@link Sales}
     * @param arena holds everything meanwhile and is reset at the end
     * @return "region product" to "sales quantity cents"
     */
    public static Map<String, String> sums(byte[] file, NativeArena arena) {
        SalesInArena loaded = new SalesInArena(arena);
        loaded.load(new Lines(file));
        Map<String, String> sums = loaded.sum();
        arena.reset();
        return sums;
    }

    private void load(Lines lines) {
        while (lines.hasNext()) {
            if (rows % ROWS == 0) {
                addBlock();
            }
            put(DATE, symbol(lines, dates));
            put(REGION, symbol(lines, regions));
            put(PRODUCT, symbol(lines, products));
            lines.next();
            put(QUANTITY, lines.digits());
            lines.next();
            put(CENTS, lines.digits());
            rows++;
        }
    }

    private void addBlock() {
        long block = arena.allocateRef(BLOCK);
        arena.putLong(block, 0, 0);
        if (first == 0) {
            first = block;
        } else {
            arena.putLong(last, 0, block);
        }
        last = block;
    }

    private static int symbol(Lines lines, SymbolTable table) {
        lines.next();
        return table.number(table.intern(lines.file(), lines.from(), lines.length()));
    }

    private static int place(int column, int row) {
        return VALUES + (column * ROWS + row) * Integer.BYTES;
    }

    private void put(int column, int value) {
        arena.putInt(last, place(column, rows % ROWS), value);
    }

    private Map<String, String> sum() {
        int size = regions.count() * products.count() * GROUP;
        long groups = arena.allocateRef(size);
        for (int i = 0; i < size; i += Long.BYTES) {
            arena.putLong(groups, i, 0);
        }
        int left = rows;
        for (long block = first; block != 0; block = arena.getLong(block, 0)) {
            for (int row = 0; row < Math.min(left, ROWS); row++) {
                add(groups, block, row);
            }
            left -= ROWS;
        }
        return result(groups);
    }

    private void add(long groups, long block, int row) {
        int group = GROUP * (arena.getInt(block, place(REGION, row)) * products.count()
                + arena.getInt(block, place(PRODUCT, row)));
        int quantity = arena.getInt(block, place(QUANTITY, row));
        long cents = (long) quantity * arena.getInt(block, place(CENTS, row));
        arena.putLong(groups, group, arena.getLong(groups, group) + 1);
        arena.putLong(groups, group + Long.BYTES, arena.getLong(groups, group + Long.BYTES) + quantity);
        arena.putLong(groups, group + 2 * Long.BYTES, arena.getLong(groups, group + 2 * Long.BYTES) + cents);
    }

    private Map<String, String> result(long groups) {
        Map<String, String> result = new TreeMap<>();
        long[] regionSymbols = regions.all();
        long[] productSymbols = products.all();
        for (int i = 0; i < regionSymbols.length * productSymbols.length; i++) {
            int group = i * GROUP;
            if (arena.getLong(groups, group) > 0) {
                result.put(regions.text(regionSymbols[i / productSymbols.length]) + ' '
                        + products.text(productSymbols[i % productSymbols.length]),
                        arena.getLong(groups, group) + " " + arena.getLong(groups, group + Long.BYTES) + ' '
                        + arena.getLong(groups, group + 2 * Long.BYTES));
            }
        }
        return result;
    }
}
