// SPDX-License-Identifier: Apache-2.0
package dev.corral.examples;

import dev.corral.Lifetime;
import dev.corral.LifetimePolicy;
import dev.corral.Lifetimes;
import dev.corral.NativeArena;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;

/**
 * Compiles lines like {@code area = 3 * width * 2 + 1} to code for a stack machine and runs it. Names, each of them
 * once, constants and the values of variables live until the end; syntax trees and code live until the end of their
 * line.
 */
public final class ExpressionCompiler {
    // A node: operator, value or name, left, right.
    private static final int NODE = 32;
    private static final int VALUE = 8;
    private static final int LEFT = 16;
    private static final int RIGHT = 24;
    // An instruction: what to do, with which value or name.
    private static final int INSTRUCTION = 16;

    private final Lifetimes lifetimes;
    private final NativeArena unit;
    private final Map<Long, ByteBuffer> values = new HashMap<>(); // by the reference of the name
    private String line;
    private int at;
    private int folded;

    private ExpressionCompiler(Lifetimes lifetimes) {
        this.lifetimes = lifetimes;
        this.unit = lifetimes.unit();
    }

    /** Compiles and runs its arguments, or a few lines. */
    public static void main(String[] args) {
        String[] source = args.length != 0 ? args
                : new String[] {"width = 4", "area = 3 * width * (2 + 1)", "half = area / 2 - width",
                    "area = area + 2 * 3 * 4"};
        LifetimePolicy policy = LifetimePolicy.builder().byContext("constant")
                .known("variable", Lifetime.PROCESS).build();
        try (Lifetimes lifetimes = Lifetimes.builder().policy(policy).build()) {
            ExpressionCompiler compiler = new ExpressionCompiler(lifetimes);
            lifetimes.context(Lifetime.PROCESS); // what is loaded now stays
            compiler.define("pi", Math.PI);
            lifetimes.context(Lifetime.UNIT);
            for (String each : source) {
                System.out.println(each + "  ->  " + compiler.run(each));
                lifetimes.endUnit(); // its tree and its code are gone
            }
            System.out.println("constants=" + lifetimes.counts("constant").get(Lifetime.PROCESS) + " variables="
                    + lifetimes.counts("variable").get(Lifetime.PROCESS));
            System.out.println("names=" + lifetimes.stats().strings() + " lines=" + lifetimes.stats().units()
                    + " folded=" + compiler.folded + " peak=" + lifetimes.stats().peakUnit());
        }
    }

    private void define(String name, double value) {
        values.put(lifetimes.intern(name), lifetimes.allocate("constant", Double.BYTES).putDouble(0, value));
    }

    private void assign(long name, double value) {
        values.computeIfAbsent(name, n -> lifetimes.allocate("variable", Double.BYTES)).putDouble(0, value);
    }

    private double run(String source) {
        line = source.replace(" ", "");
        at = line.indexOf('=') + 1;
        long name = lifetimes.intern(line.substring(0, at - 1));
        long tree = sum();
        if (at != line.length()) {
            throw new IllegalArgumentException("not understood: " + line.substring(at));
        }
        long code = unit.allocateRef(INSTRUCTION * size(tree));
        double value = execute(code, emit(tree, code, 0));
        assign(name, value);
        return value;
    }

    // --- parsing

    private long sum() {
        long left = product();
        while (at < line.length() && "+-".indexOf(line.charAt(at)) >= 0) {
            left = node(line.charAt(at++), left, product());
        }
        return left;
    }

    private long product() {
        long left = operand();
        while (at < line.length() && "*/".indexOf(line.charAt(at)) >= 0) {
            left = node(line.charAt(at++), left, operand());
        }
        return left;
    }

    private long operand() {
        if (at < line.length() && line.charAt(at) == '(') {
            at++;
            long inner = sum();
            at++; // the closing one
            return inner;
        }
        int from = at;
        while (at < line.length() && (Character.isLetterOrDigit(line.charAt(at)) || line.charAt(at) == '.')) {
            at++;
        }
        String word = line.substring(from, at);
        if (word.isEmpty()) {
            throw new IllegalArgumentException("a number or a name is missing in: " + line);
        }
        return Character.isDigit(word.charAt(0)) ? constant(Double.parseDouble(word)) : variable(word);
    }

    private long constant(double value) {
        long node = unit.allocateRef(NODE);
        unit.putInt(node, 0, '#');
        unit.putDouble(node, VALUE, value);
        return node;
    }

    private long variable(String name) {
        long node = unit.allocateRef(NODE);
        unit.putInt(node, 0, '$');
        unit.putLong(node, VALUE, lifetimes.intern(name)); // equal names are equal numbers
        return node;
    }

    /** Constants are computed now. */
    private long node(char operator, long left, long right) {
        if (unit.getInt(left, 0) == '#' && unit.getInt(right, 0) == '#') {
            folded++;
            return constant(compute(operator, unit.getDouble(left, VALUE), unit.getDouble(right, VALUE)));
        }
        long node = unit.allocateRef(NODE);
        unit.putInt(node, 0, operator);
        unit.putLong(node, LEFT, left);
        unit.putLong(node, RIGHT, right);
        return node;
    }

    // --- code

    private boolean isLeaf(long node) {
        return unit.getInt(node, 0) == '#' || unit.getInt(node, 0) == '$';
    }

    private int size(long node) {
        return isLeaf(node) ? 1 : size(unit.getLong(node, LEFT)) + size(unit.getLong(node, RIGHT)) + 1;
    }

    private int emit(long node, long code, int count) {
        int next = count;
        if (!isLeaf(node)) {
            next = emit(unit.getLong(node, LEFT), code, next);
            next = emit(unit.getLong(node, RIGHT), code, next);
        }
        unit.putInt(code, next * INSTRUCTION, unit.getInt(node, 0));
        unit.putLong(code, next * INSTRUCTION + VALUE, unit.getLong(node, VALUE));
        return next + 1;
    }

    private double execute(long code, int count) {
        long stack = unit.allocateRef(Double.BYTES * count);
        int top = 0;
        for (int i = 0; i < count; i++) {
            int operator = unit.getInt(code, i * INSTRUCTION);
            if (operator == '#') {
                unit.putDouble(stack, Double.BYTES * top++, unit.getDouble(code, i * INSTRUCTION + VALUE));
            } else if (operator == '$') {
                unit.putDouble(stack, Double.BYTES * top++, valueOf(unit.getLong(code, i * INSTRUCTION + VALUE)));
            } else {
                double right = unit.getDouble(stack, Double.BYTES * --top);
                double left = unit.getDouble(stack, Double.BYTES * (top - 1));
                unit.putDouble(stack, Double.BYTES * (top - 1), compute((char) operator, left, right));
            }
        }
        return unit.getDouble(stack, 0);
    }

    private double valueOf(long name) {
        ByteBuffer value = values.get(name);
        if (value == null) {
            throw new IllegalArgumentException("no value: " + lifetimes.text(name));
        }
        return value.getDouble(0);
    }

    private static double compute(char operator, double left, double right) {
        return switch (operator) {
            case '+' -> left + right;
            case '-' -> left - right;
            case '*' -> left * right;
            default -> left / right;
        };
    }
}
