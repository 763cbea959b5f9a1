// SPDX-License-Identifier: Apache-2.0
package dev.corral.bench.report;

import de.erichseifert.vectorgraphics2d.VectorGraphics2D;
import de.erichseifert.vectorgraphics2d.svg.SVGProcessor;
import de.erichseifert.vectorgraphics2d.util.PageSize;
import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Paint;
import java.awt.geom.Rectangle2D;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.text.DecimalFormat;
import java.text.DecimalFormatSymbols;
import java.util.List;
import java.util.Locale;
import org.jfree.chart.ChartFactory;
import org.jfree.chart.JFreeChart;
import org.jfree.chart.axis.CategoryLabelPositions;
import org.jfree.chart.axis.LogAxis;
import org.jfree.chart.axis.NumberTickUnit;
import org.jfree.chart.plot.CategoryPlot;
import org.jfree.chart.plot.PlotOrientation;
import org.jfree.chart.plot.ValueMarker;
import org.jfree.chart.renderer.category.StandardBarPainter;
import org.jfree.chart.renderer.category.StatisticalBarRenderer;
import org.jfree.data.statistics.DefaultStatisticalCategoryDataset;

/** Bars of one contest on a logarithmic axis: each score as a ratio to the best peer's, which is beside the name. */
final class Chart {
    private static final int WIDTH = 760;
    private static final int ROW = 22;
    private static final int FRAME = 70;
    private static final double MARGIN = 1.5;
    private static final Color OURS = new Color(0x1b6e4b);
    private static final Color PEERS = new Color(0xa8b3bd);

    private Chart() {
    }

    /** An {@code <svg>} element. */
    static String svg(List<Figure> contest, Figure bestPeer) throws IOException {
        int height = FRAME + ROW * contest.size();
        VectorGraphics2D graphics = new VectorGraphics2D();
        of(contest, bestPeer).draw(graphics, new Rectangle2D.Double(0, 0, WIDTH, height));
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        new SVGProcessor().getDocument(graphics.getCommands(), new PageSize(WIDTH, height)).writeTo(bytes);
        String document = bytes.toString(StandardCharsets.UTF_8);
        return document.substring(document.indexOf("<svg"));
    }

    static JFreeChart of(List<Figure> contest, Figure bestPeer) {
        DefaultStatisticalCategoryDataset data = new DefaultStatisticalCategoryDataset();
        double least = 1;
        double most = 1;
        for (Figure figure : contest) {
            double ratio = figure.score() / bestPeer.score();
            // A bar of an error that reaches zero has no end on this axis.
            double error = Double.isNaN(figure.error()) ? 0 : Math.min(figure.error() / bestPeer.score(), ratio / 2);
            data.add(ratio, error, "ratio", figure.name() + "  " + Findings.number(ratio));
            least = Math.min(least, ratio - error);
            most = Math.max(most, ratio + error);
        }
        JFreeChart chart = ChartFactory.createBarChart(null, null, "time / best peer (" + bestPeer.name() + ")", data,
                PlotOrientation.HORIZONTAL, false, false, false);
        chart.setBackgroundPaint(Color.WHITE);
        style(chart.getCategoryPlot(), contest, least / MARGIN, most * MARGIN);
        return chart;
    }

    private static void style(CategoryPlot plot, List<Figure> contest, double least, double most) {
        StatisticalBarRenderer renderer = new StatisticalBarRenderer() {
            private static final long serialVersionUID = 1;

            @Override
            public Paint getItemPaint(int row, int column) {
                return contest.get(column).isOurs() ? OURS : PEERS;
            }
        };
        renderer.setBarPainter(new StandardBarPainter());
        renderer.setShadowVisible(false);
        renderer.setDrawBarOutline(false);
        renderer.setErrorIndicatorPaint(Color.DARK_GRAY);
        renderer.setErrorIndicatorStroke(new BasicStroke(1));
        plot.setRenderer(renderer);
        LogAxis axis = new LogAxis(plot.getRangeAxis().getLabel());
        axis.setBase(10);
        axis.setRange(least, most);
        axis.setTickUnit(new NumberTickUnit(1));
        axis.setNumberFormatOverride(new DecimalFormat("0.####", DecimalFormatSymbols.getInstance(Locale.ROOT)));
        plot.setRangeAxis(axis);
        plot.setBackgroundPaint(Color.WHITE);
        plot.setRangeGridlinePaint(Color.LIGHT_GRAY);
        plot.setOutlineVisible(false);
        plot.addRangeMarker(new ValueMarker(1, Color.BLACK, new BasicStroke(1)));
        plot.getDomainAxis().setCategoryLabelPositions(CategoryLabelPositions.STANDARD);
        plot.getDomainAxis().setMaximumCategoryLabelWidthRatio(0.4f);
    }
}
