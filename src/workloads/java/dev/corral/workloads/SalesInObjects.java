// SPDX-License-Identifier: Apache-2.0
package dev.corral.workloads;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Loads and sums up sales as a Java program would: an object for each row, its texts as strings, groups in a map. */
public final class SalesInObjects {
    private record Sale(String date, String region, String product, int quantity, int cents) {
    }

    private record Group(String region, String product) {
    }

    private static final class Sum {
        private int sales;
        private long quantity;
        private long cents;
    }

    private final List<Sale> sales = new ArrayList<>();

    private SalesInObjects() {
    }

    /**
     * Quantity and turnover by region and product.
     *
     * @param file of {@link Sales}
     * @return "region product" to "sales quantity cents"
     */
    public static Map<String, String> sums(byte[] file) {
        SalesInObjects loaded = new SalesInObjects();
        loaded.load(new Lines(file));
        return loaded.sum();
    }

    private void load(Lines lines) {
        while (lines.hasNext()) {
            String date = text(lines);
            String region = text(lines);
            String product = text(lines);
            lines.next();
            int quantity = lines.digits();
            lines.next();
            sales.add(new Sale(date, region, product, quantity, lines.digits()));
        }
    }

    private static String text(Lines lines) {
        lines.next();
        return new String(lines.file(), lines.from(), lines.length(), StandardCharsets.ISO_8859_1);
    }

    private Map<String, String> sum() {
        Map<Group, Sum> groups = new HashMap<>();
        for (Sale sale : sales) {
            Sum sum = groups.computeIfAbsent(new Group(sale.region(), sale.product()), group -> new Sum());
            sum.sales++;
            sum.quantity += sale.quantity();
            sum.cents += (long) sale.quantity() * sale.cents();
        }
        Map<String, String> result = new TreeMap<>();
        groups.forEach((group, sum) -> result.put(group.region() + ' ' + group.product(),
                sum.sales + " " + sum.quantity + ' ' + sum.cents));
        return result;
    }
}
